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
        switch self {
        case .writing: return nil
        case .replying, .reacting: return message.kind == .message ? Self.problemIfDeleted(message) : .notChangeable
        case .editing, .deleting:
            guard message.kind == .message else { return .notChangeable }
            guard message.sender == me else { return .foreignMessage }
            return Self.problemIfDeleted(message)
        }
    }

    private static func problemIfDeleted(_ message: Message) -> Problem? {
        message.isDeleted ? Problem(Fault(.gone, "The message was deleted.", field: "seq")) : nil
    }
}

extension Problem {
    fileprivate static let notChangeable = Problem(
        Fault(.notEditable, "This line is about the conversation and cannot be changed.", field: "seq"))
    fileprivate static let foreignMessage = Problem(
        Fault(.forbidden, "Only the person who wrote a message can change it.", field: "seq"))
}
