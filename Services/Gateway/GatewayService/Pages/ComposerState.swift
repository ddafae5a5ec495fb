import ChatContracts

/// What the form below a conversation is for, without a script: the address says it.
enum ComposerState: Sendable, Equatable {
    case writing
    /// Each of these names the `seq` of a message.
    case replying(to: Int64)
    case editing(Int64)
    case deleting(Int64)
    case reacting(to: Int64)

    /// The message that it is about; nil for a new one.
    var seq: Int64? {
        switch self {
        case .writing: nil
        case .replying(let seq), .editing(let seq), .deleting(let seq), .reacting(let seq): seq
        }
    }

    /// From the query of an address; what is malformed counts as absent.
    init(_ query: FormFields) {
        func seq(_ name: String) -> Int64? { try? query.integer(name, in: 1...Int64.max) }
        self =
            seq("edit").map { .editing($0) } ?? seq("reply").map { .replying(to: $0) }
            ?? seq("delete").map { .deleting($0) } ?? seq("react").map { .reacting(to: $0) } ?? .writing
    }

    /// Why the form makes no sense for its message; nil if it does.
    ///
    /// - Parameter message: nil if the conversation has no such message.
    func problem(with message: Message?, me: UserID) -> Problem? {
        guard seq != nil else { return nil }
        guard let message else { return Problem(.unknownMessage) }
        let refusal =
            switch self {
            case .writing: nil as Fault?
            case .replying, .reacting: message.reactionRefusal
            // Nobody is asked about deleting what is deleted.
            case .editing, .deleting: message.editRefusal(for: me)
            }
        return refusal.map { Problem($0) }
    }
}
