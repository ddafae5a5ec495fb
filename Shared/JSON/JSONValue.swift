/// A parsed JSON text, for request bodies: small, read once, and checked field by field with exact errors.
///
/// Objects keep the order of their members. Integers that fit are kept exactly.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public var name: String
        public var value: JSONValue

        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value of the member with this name; nil if there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

extension JSONValue {
    /// Parses one JSON text (RFC 8259) strictly: no trailing commas, no comments, no duplicate names, valid UTF-8, no
    /// nesting beyond ``JSONScanner/maximumDepth``.
    public init(parsing bytes: [UInt8]) throws(JSONScanner.Malformed) {
        var scanner = JSONScanner(bytes[...])
        self = try scanner.tree()
        try scanner.end()
    }
}

extension JSONScanner {
    /// Reads any value.
    fileprivate mutating func tree() throws(Malformed) -> JSONValue {
        switch try kind() {
        case .object: return .object(try members())
        case .array:
            var items: [JSONValue] = []
            try array { scanner throws(Malformed) in items.append(try scanner.tree()) }
            return .array(items)
        case .string: return .string(try string())
        case .boolean: return .bool(try boolean())
        case .null:
            try skipValue()
            return .null
        case .number: return try number()
        }
    }

    private mutating func members() throws(Malformed) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        // Comparing a few names is quicker than hashing them; the set keeps an object of many from taking the square.
        var names: Set<String> = []
        try object { name, scanner throws(Malformed) in
            let isNew: Bool
            if members.count < 12 {
                isNew = !members.contains { $0.name == name }
            } else {
                if names.isEmpty { names = Set(members.map(\.name)) }
                isNew = names.insert(name).inserted
            }
            guard isNew else { throw scanner.failure(.duplicateName) }
            members.append(.init(name: name, value: try scanner.tree()))
        }
        return members
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        let digits = try value()
        let text = String(decoding: digits, as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw failure(.numberOutOfRange) }
        return .number(number)
    }
}
