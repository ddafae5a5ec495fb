import ChatContracts
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// The object in a JSON request body, read field by field. Each reader names the field in its error.
struct JSONBody {
    private let members: [JSONValue.Member]

    /// Reads the body of `request`, see ``init(_:_:fields:)``.
    init(of request: Request, context: GatewayContext, fields: [String]) async throws {
        try self.init(request.headers, try await request.collectedBody(), fields: fields)
    }

    /// Reads a body: 415 for another type, 413 if it is too large, 400 if it is not JSON, 422 if it is no object or has a
    /// field that is not in `fields`.
    init(_ headers: HTTPFields, _ body: ByteBuffer, fields: [String]) throws(Problem) {
        try BodyRules.check(headers, size: body.readableBytes, .json)
        try self.init(parsing: Array(body.readableBytesView), fields: fields)
    }

    init(parsing bytes: [UInt8], fields: [String]) throws(Problem) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Problem(
                .badRequest, .malformed, "The body is not JSON: \(error.reason.rawValue) at byte \(error.offset).")
        }
        guard case .object(let members) = value else {
            throw .invalid(nil, "The body has to be a JSON object.")
        }
        if let unknown = members.first(where: { !fields.contains($0.name) }) {
            throw .invalid(unknown.name, "There is no such field; the fields are \(fields.joined(separator: ", ")).")
        }
        self.members = members
    }

    /// The value of a field; nil if it is absent or null.
    subscript(field: String) -> JSONValue? {
        guard let value = members.first(where: { $0.name == field })?.value, value != .null else { return nil }
        return value
    }

    func optionalString(_ field: String) throws(Problem) -> String? {
        switch self[field] {
        case nil: return nil
        case .string(let text): return text
        default: throw .invalid(field, "This has to be a text.")
        }
    }

    func string(_ field: String) throws(Problem) -> String {
        guard let text = try optionalString(field) else { throw .invalid(field, "This is missing.") }
        return text
    }

    /// A list of texts; empty if it is absent.
    func strings(_ field: String, atMost limit: Int) throws(Problem) -> [String] {
        switch self[field] {
        case nil: return []
        case .array(let values):
            guard values.count <= limit else { throw .invalid(field, "There may be up to \(limit).") }
            return try values.map { value throws(Problem) in
                guard case .string(let text) = value else { throw .invalid(field, "This has to be a list of texts.") }
                return text
            }
        default: throw .invalid(field, "This has to be a list of texts.")
        }
    }

    func optionalInteger(_ field: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64? {
        switch self[field] {
        case nil: return nil
        case .integer(let number) where range.contains(number): return number
        case .integer: throw .invalid(field, "This has to be from \(range.lowerBound) to \(range.upperBound).")
        default: throw .invalid(field, "This has to be a whole number.")
        }
    }

    func optionalBoolean(_ field: String) throws(Problem) -> Bool? {
        switch self[field] {
        case nil: return nil
        case .bool(let value): return value
        default: throw .invalid(field, "This has to be true or false.")
        }
    }

    func optionalTime(_ field: String) throws(Problem) -> Timestamp? {
        guard let text = try optionalString(field) else { return nil }
        return try Timestamp(text, of: field)
    }

    func identifier<Kind>(_ field: String, as type: Identifier<Kind>.Type) throws(Problem) -> Identifier<Kind> {
        guard let identifier = Identifier<Kind>(try string(field)) else {
            throw .invalid(field, "This has to be 32 lowercase hexadecimal digits.")
        }
        return identifier
    }
}

extension Timestamp {
    /// Reads a field of a request.
    init(_ text: String, of field: String) throws(Problem) {
        guard let time = Timestamp(text) else {
            throw .invalid(field, "This has to be a time in UTC with milliseconds, such as 2030-01-31T09:05:00.000Z.")
        }
        self = time
    }
}
