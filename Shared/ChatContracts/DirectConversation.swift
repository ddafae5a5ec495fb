import Crypto

extension Identifier where Kind == ConversationKind {
    /// The one conversation between two people: the first 16 bytes of SHA-256 over a label and both user ids, the lower
    /// first. Derived, so nobody looks it up and no race makes two of them.
    public static func direct(_ one: UserID, _ other: UserID) -> ConversationID {
        var hash = SHA256()
        hash.update(data: Array("martlet direct conversation".utf8))
        hash.update(data: min(one, other).bytes)
        hash.update(data: max(one, other).bytes)
        guard let id = ConversationID(bytes: Array(hash.finalize().prefix(16))) else {
            preconditionFailure("a SHA-256 digest has at least 16 bytes")
        }
        return id
    }
}
