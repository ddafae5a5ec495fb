/// Why the cluster could not be started, changed or watched, in a sentence that says what to do where that is known.
public struct ClusterError: Error, Sendable, CustomStringConvertible {
    public let message: String
    /// What lay beneath.
    public let cause: (any Error)?

    public init(_ message: String, cause: (any Error)? = nil) {
        self.message = message
        self.cause = cause
    }

    public var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }
}
