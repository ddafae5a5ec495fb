/// Why the stack could not be set up, in one line for the person who runs the command.
public struct SetupError: Error, Sendable, CustomStringConvertible {
    /// What failed and, where that is known, what to do.
    public let message: String
    /// What lay beneath.
    public let cause: (any Error)?

    public init(_ message: String, cause: (any Error)? = nil) {
        self.message = message
        self.cause = cause
    }

    public var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)".replacing("\n", with: " ")
    }
}
