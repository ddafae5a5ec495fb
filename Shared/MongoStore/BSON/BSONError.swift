/// Why bytes are no document, or a document is not of the expected shape.
public struct BSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of mistake it is.
    public struct Code: Sendable, Equatable {
        private enum Base: Sendable { case damaged, missing, wrongType, unrepresentable }
        private let base: Base

        /// The bytes are not a valid document.
        public static let damaged = Code(base: .damaged)
        /// A required field is absent.
        public static let missing = Code(base: .missing)
        /// A field holds another type than asked for.
        public static let wrongType = Code(base: .wrongType)
        /// A field's value has the right type but no representation in the Swift type asked for.
        public static let unrepresentable = Code(base: .unrepresentable)
    }

    /// What kind of mistake it is.
    public let code: Code
    /// The field that it concerns, empty for a whole document.
    public let field: String
    /// The mistake in words. Never contains a value of the document.
    public let message: String

    public init(_ code: Code, field: String = "", message: String) {
        self.code = code
        self.field = field
        self.message = message
    }

    public var description: String { field.isEmpty ? message : "\(message) (field \(field))" }

    static func damaged(_ field: String = "") -> BSONError {
        BSONError(.damaged, field: field, message: "the document is damaged")
    }

    static func missing(_ field: String) -> BSONError {
        BSONError(.missing, field: field, message: "the field is missing")
    }

    static func wrongType(_ field: String, expected: String, found: UInt8) -> BSONError {
        BSONError(.wrongType, field: field, message: "expected \(expected), found BSON type \(found)")
    }

    static func unrepresentable(_ field: String) -> BSONError {
        BSONError(.unrepresentable, field: field, message: "the value cannot be represented")
    }
}
