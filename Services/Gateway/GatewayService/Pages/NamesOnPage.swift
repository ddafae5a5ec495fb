import ChatContracts

/// What people are called on a page.
struct NamesOnPage: Sendable {
    /// The one who is looking.
    let me: UserID
    let users: [UserID: User]
    /// Whom the one who is looking has blocked, as far as that is known: what they write in groups is folded.
    var blocked: Set<UserID> = []

    /// "You" for the one who is looking.
    subscript(user: UserID) -> String {
        user == me ? "You" : users[user]?.displayName ?? "Somebody"
    }

    func face(of user: UserID) -> FaceContext { FaceContext(of: user, named: users[user]?.displayName ?? "Somebody") }

    /// "Ada", "Ada and Bob", "Ada, Bob and Cyd".
    static func list(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.joined() }
        return "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }
}

extension Sequence<Conversation> {
    /// Whom somebody has blocked in these conversations.
    func blocked(by user: UserID) -> Set<UserID> {
        Set(filter { $0.settings(of: user)?.isBlocked == true }.map { $0.partner(of: user) })
    }
}
