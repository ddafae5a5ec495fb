/// Why a service refused a request: the same value on the bus, in logs and in the API's problem documents.
///
/// A fault says that the request was **not** executed. An unknown outcome is never a fault.
public struct Fault: Error, Codable, Sendable, Hashable {
    /// A stable word for programs.
    public var code: Code
    /// A sentence for people: what is wrong and what to do.
    public var message: String
    /// The name of the offending field, if it is one field.
    public var field: String?

    public init(_ code: Code, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    /// The stable words, each with the HTTP status that the gateway gives it. Receivers are updated before senders.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// A field has a wrong value (422).
        case invalid
        /// It does not exist, or the caller may not know that it does (404).
        case notFound = "not-found"
        /// Wrong username or password (401).
        case wrongCredentials = "wrong-credentials"
        /// The username belongs to somebody (409).
        case usernameTaken = "username-taken"
        /// The password breaks the rules (422).
        case weakPassword = "weak-password"
        /// The client message id was used for another content (409).
        case clientMessageIDReused = "client-message-id-reused"
        /// It belongs to somebody else (403).
        case forbidden
        /// It was deleted (410).
        case gone
        /// It is nothing that people may change (409).
        case notEditable = "not-editable"
        /// A group with members needs an owner (409).
        case lastOwner = "last-owner"
        /// Too much work is waiting (503).
        case busy
        /// A part that is needed is away (503).
        case unavailable
    }
}
