/// Why an operation did not succeed.
public struct MongoError: Error, Sendable, CustomStringConvertible {
    /// What the caller may conclude.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String, Sendable {
            case duplicateKey, unknownOutcome, unavailable, refused, busy, closed, cancelled, invalidDocument
        }
        private let base: Base

        /// A unique index already holds the key; nothing of this document was stored.
        public static let duplicateKey = Code(base: .duplicateKey)
        /// A write was sent, and whether it is stored (and stays stored) is not known. Only an idempotent repetition or
        /// a majority read can tell.
        public static let unknownOutcome = Code(base: .unknownOutcome)
        /// No server was available. A write was certainly not executed.
        public static let unavailable = Code(base: .unavailable)
        /// The server refused, and would again: wrong credentials, a malformed command, a missing privilege.
        public static let refused = Code(base: .refused)
        /// Too many operations wait for a thread already, or this one waited too long. Not executed.
        public static let busy = Code(base: .busy)
        /// The database was shut down. Not executed.
        public static let closed = Code(base: .closed)
        /// The task was cancelled before the operation started. Not executed.
        public static let cancelled = Code(base: .cancelled)
        /// A document cannot be sent (too large) or a reply cannot be read as the requested type.
        public static let invalidDocument = Code(base: .invalidDocument)

        public var description: String { base.rawValue }
    }

    /// What the caller may conclude.
    public let code: Code
    /// The reason in words, from the server or the driver. A duplicate's message names the index, not the key.
    public let message: String
    /// The server's error code, if the error came from the server.
    public let serverCode: Int?
    /// The name of the unique index that a duplicate hit.
    public let index: String?
    /// The fields of the unique index that a duplicate hit, in order.
    public let keyPattern: [String]
    /// The error labels that server and driver gave.
    public let labels: [String]

    public init(
        _ code: Code, message: String, serverCode: Int? = nil, index: String? = nil, keyPattern: [String] = [],
        labels: [String] = []
    ) {
        self.code = code
        self.message = message
        self.serverCode = serverCode
        self.index = index
        self.keyPattern = keyPattern
        self.labels = labels
    }

    /// Whether the write may have been stored nevertheless.
    public var outcomeUnknown: Bool { code == .unknownOutcome }

    public var description: String {
        var text = "\(code): \(message)"
        if let serverCode { text += " (server code \(serverCode))" }
        return text
    }
}

extension MongoError {
    init(_ error: BSONError) {
        self.init(.invalidDocument, message: error.description)
    }
}
