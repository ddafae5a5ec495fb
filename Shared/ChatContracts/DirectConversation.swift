import Crypto

extension Identifier where Kind == ConversationKind {
    /// The one conversation between two people: the first 16 bytes of SHA-256 over a label and both user ids, the lower
    /// first. Derived, so nobody looks it up and no race makes two of them.
    public static func direct(_ one: UserID, _ other: UserID) -> ConversationID {
        derived(label: "martlet direct conversation", min(one, other).bytes, max(one, other).bytes)
    }

    /// The group that a user makes with a command of this id: the first 16 bytes of SHA-256 over a label and both. Derived,
    /// so that a repeat of the command finds it, and that nobody chooses the id of a group.
    public static func group(of user: UserID, id: ClientMessageID) -> ConversationID {
        derived(label: "martlet group", user.bytes, id.bytes)
    }

    private static func derived(label: String, _ one: [UInt8], _ other: [UInt8]) -> ConversationID {
        var hash = SHA256()
        hash.update(data: Array(label.utf8))
        hash.update(data: one)
        hash.update(data: other)
        guard let id = ConversationID(bytes: Array(hash.finalize().prefix(16))) else {
            preconditionFailure("a SHA-256 digest has at least 16 bytes")
        }
        return id
    }
}
