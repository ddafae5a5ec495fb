/// Why a real part could not be started, reached or stopped.
public struct LocalStackError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, in a form that a program can compare.
    public enum Code: Sendable, Equatable {
        /// A program is not installed.
        case missingProgram
        /// A folder or file could not be made, read or written.
        case files
        /// No free port was found, or a wanted one is taken.
        case port
        /// The process could not be started, or ended at once.
        case start
        /// It runs, but was not ready within the limit.
        case notReady
        /// It answered with an error.
        case refused
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence for a person: what failed and what to do.
    public let message: String
    /// What lay beneath.
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }
}
