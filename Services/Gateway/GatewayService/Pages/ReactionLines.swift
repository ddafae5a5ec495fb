import ChatContracts

/// Reactions as a page shows them to one of two people.
struct ReactionLines {
    let me: UserID
    let other: User
    /// The `seq` of the message that they are for.
    let seq: Int64

    func lines(_ reactions: [Reaction]) -> [ChatContext.ReactionContext] {
        reactions.map { reaction in
            let names = reaction.users.map(name)
            return line(
                reaction.emoji, count: names.count, isMine: reaction.users.contains(me),
                names: names.joined(separator: ", "),
                label: "\(reaction.emoji) \(names.count), \(Self.list(names))")
        }
    }

    /// Emoji to choose from; those that the reader has chosen already are taken back.
    func choices(_ emoji: [String], among reactions: [Reaction]) -> [ChatContext.ReactionContext] {
        emoji.map { emoji in
            let isMine = reactions.contains { $0.emoji == emoji && $0.users.contains(me) }
            let words = isMine ? "Take \(emoji) back" : "React with \(emoji)"
            return line(emoji, count: nil, isMine: isMine, names: words, label: words)
        }
    }

    private func line(
        _ emoji: String, count: Int?, isMine: Bool, names: String, label: String
    ) -> ChatContext.ReactionContext {
        ChatContext.ReactionContext(
            reactedTo: seq, emoji: PageText(emoji), count: count, isMine: isMine, wanted: isMine ? "off" : "on",
            names: PageText(names), label: PageText(label))
    }

    private func name(of user: UserID) -> String {
        if user == me { return "You" }
        return user == other.id ? other.displayName : "Somebody"
    }

    /// "Ada", "Ada and Bob", "Ada, Bob and Cyd".
    private static func list(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.joined() }
        return "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }
}
