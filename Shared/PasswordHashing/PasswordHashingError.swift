/// Why a password could not be hashed or checked. A wrong password is not an error.
public struct PasswordHashingError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable { case busy, timedOut, cancelled, closed, malformedHash, refused }
        private let value: Value

        /// As much work as is allowed was already waiting.
        public static let busy = Code(value: .busy)
        /// The deadline passed while the work was waiting; it was not started.
        public static let timedOut = Code(value: .timedOut)
        /// The task was cancelled while the work was waiting; it was not started.
        public static let cancelled = Code(value: .cancelled)
        /// The hasher was shut down.
        public static let closed = Code(value: .closed)
        /// The stored text is not an Argon2id hash that this process would compute.
        public static let malformedHash = Code(value: .malformedHash)
        /// The library refused, for example because there is no memory.
        public static let refused = Code(value: .refused)

        public var description: String { value.rawValue }
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed a moment later.
    public var isOverload: Bool { code == .busy || code == .timedOut }

    public var description: String { "\(code): \(message)" }
}
