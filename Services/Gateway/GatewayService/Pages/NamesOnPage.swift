import ChatContracts

/// What people are called on a page.
struct NamesOnPage: Sendable {
    /// The one who is looking.
    let me: UserID
    let users: [UserID: User]

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
