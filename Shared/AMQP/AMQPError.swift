/// Why an operation on the broker did not succeed.
public struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. New kinds may be added, so compare, and keep a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case notConnected, blocked, busy, unroutable, nacked, outcomeUnknown, timedOut, channelClosed
            case connectionRefused, authenticationFailed, closed, cancelled, invalidArgument
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// There is no connection at the moment. Nothing was sent.
        public static let notConnected = Code(.notConnected)
        /// The broker asked publishers to pause (an alarm). Nothing was sent.
        public static let blocked = Code(.blocked)
        /// Too many operations are under way. Nothing was sent.
        public static let busy = Code(.busy)
        /// No queue was bound for a mandatory publication.
        public static let unroutable = Code(.unroutable)
        /// The broker refused responsibility for the publication, for instance because a queue is full.
        public static let nacked = Code(.nacked)
        /// The connection was lost, or the answer overdue, after the operation had been sent.
        public static let outcomeUnknown = Code(.outcomeUnknown)
        /// The operation waited too long.
        public static let timedOut = Code(.timedOut)
        /// The broker closed the channel because of a mistake; see `replyCode`.
        public static let channelClosed = Code(.channelClosed)
        /// The endpoint could not be reached, or refused the connection.
        public static let connectionRefused = Code(.connectionRefused)
        /// The broker did not accept the user name and password.
        public static let authenticationFailed = Code(.authenticationFailed)
        /// This connection, publisher or consumer was closed on purpose.
        public static let closed = Code(.closed)
        /// The waiting task was cancelled.
        public static let cancelled = Code(.cancelled)
        /// The call can never succeed as it is, for instance a routing key of more than 255 bytes.
        public static let invalidArgument = Code(.invalidArgument)

        public var description: String { value.rawValue }
    }

    public var code: Code
    public var message: String
    /// The broker's own number for the failure (such as 404 or 406), when it gave one.
    public var replyCode: Int?
    /// True when the operation may or may not have taken effect. False means that it surely did not.
    public var outcomeUnknown: Bool
    /// The failure that led to this one.
    public var underlying: (any Error)?

    public init(
        _ code: Code, _ message: String, replyCode: Int? = nil, outcomeUnknown: Bool? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        self.outcomeUnknown = outcomeUnknown ?? (code == .outcomeUnknown)
        self.underlying = underlying
    }

    public var description: String {
        var text = "\(code): \(message)"
        if let replyCode { text += " (\(replyCode))" }
        if outcomeUnknown && code != .outcomeUnknown { text += " [outcome unknown]" }
        if let underlying { text += " <- \(underlying)" }
        return text
    }
}
