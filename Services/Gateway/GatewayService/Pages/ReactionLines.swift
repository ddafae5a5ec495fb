import ChatContracts

/// Reactions as a page shows them to somebody.
struct ReactionLines {
    let names: NamesOnPage
    /// The `seq` of the message that they are for.
    let seq: Int64

    func lines(_ reactions: [Reaction]) -> [ChatContext.ReactionContext] {
        reactions.map { reaction in
            let users = reaction.users.map { names[$0] }
            return line(
                reaction.emoji, count: users.count, isMine: reaction.users.contains(names.me),
                names: users.joined(separator: ", "),
                label: "\(reaction.emoji) \(users.count), \(NamesOnPage.list(users))")
        }
    }

    /// Emoji to choose from; those that the reader has chosen already are taken back.
    func choices(_ emoji: [String], among reactions: [Reaction]) -> [ChatContext.ReactionContext] {
        emoji.map { emoji in
            let isMine = reactions.contains { $0.emoji == emoji && $0.users.contains(names.me) }
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
}
