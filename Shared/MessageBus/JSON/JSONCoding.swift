import ChatContracts

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The one place where requests and replies become JSON and back by their `Codable` conformance. Requests are asked for
/// ``DirectJSON`` first.
enum JSONCoding {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return [UInt8](try encoder.encode(value))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Collection<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// Says what is wrong with a body. Never shows a value, because values may be secret.
    static func fault(for error: any Error) -> Fault {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            Fault(.invalid, "A field is missing.", field: path(context.codingPath + [key]))
        case DecodingError.typeMismatch(_, let context):
            Fault(.invalid, "A field has the wrong type.", field: path(context.codingPath))
        case DecodingError.valueNotFound(_, let context):
            Fault(.invalid, "A field must not be null.", field: path(context.codingPath))
        case DecodingError.dataCorrupted(let context):
            if context.codingPath.isEmpty {
                Fault(.invalid, "The body is not valid JSON.")
            } else {
                Fault(.invalid, "A field has a malformed value.", field: path(context.codingPath))
            }
        default:
            Fault(.invalid, "The body cannot be read.")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String? {
        keys.isEmpty ? nil : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
