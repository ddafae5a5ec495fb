import CMongoC

extension martlet_bson_element {
    var keyText: String { String(decoding: UnsafeBufferPointer(start: key, count: key_length), as: UTF8.self) }

    fileprivate var content: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: length) }
}

// Each conversion copies what it needs out of the bytes that the element points into.
extension BSONElement {
    /// The type numbers of the BSON specification.
    enum Number {
        static let double: UInt8 = 0x01
        static let utf8: UInt8 = 0x02
        static let document: UInt8 = 0x03
        static let array: UInt8 = 0x04
        static let binary: UInt8 = 0x05
        static let objectID: UInt8 = 0x07
        static let bool: UInt8 = 0x08
        static let date: UInt8 = 0x09
        static let null: UInt8 = 0x0A
        static let regex: UInt8 = 0x0B
        static let int32: UInt8 = 0x10
        static let timestamp: UInt8 = 0x11
        static let int64: UInt8 = 0x12
        static let decimal128: UInt8 = 0x13
    }

    static func text(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> String {
        try expect(Number.utf8, "text", element, key)
        guard let text = String(validating: element.content, as: UTF8.self) else { throw .damaged(key) }
        return text
    }

    static func integer(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> Int64 {
        switch element.type {
        case Number.int64, Number.int32:
            return element.integer
        case Number.double:
            guard let integer = Int64(exactly: element.number) else { throw .unrepresentable(key) }
            return integer
        default:
            throw .wrongType(key, expected: "an integer", found: element.type)
        }
    }

    static func number(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> Double {
        switch element.type {
        case Number.double: return element.number
        case Number.int64, Number.int32: return Double(element.integer)
        default: throw .wrongType(key, expected: "a number", found: element.type)
        }
    }

    static func truth(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> Bool {
        try expect(Number.bool, "a boolean", element, key)
        return element.integer != 0
    }

    static func data(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> [UInt8] {
        try expect(Number.binary, "binary data", element, key)
        return Array(element.content)
    }

    static func milliseconds(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> Int64 {
        try expect(Number.date, "a date", element, key)
        return element.integer
    }

    static func identifier(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> BSONObjectID {
        try expect(Number.objectID, "an object id", element, key)
        guard let identifier = BSONObjectID(Array(element.content)) else { throw .damaged(key) }
        return identifier
    }

    static func nested(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> BSONDocument {
        try expect(Number.document, "a document", element, key)
        return BSONDocument(trusting: Array(element.content))
    }

    static func array(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> BSONDocument {
        try expect(Number.array, "an array", element, key)
        return BSONDocument(trusting: Array(element.content))
    }

    static func value(_ element: martlet_bson_element, _ key: String) throws(BSONError) -> BSONElement.Value {
        switch element.type {
        case Number.double: return .double(element.number)
        case Number.utf8: return .string(try text(element, key))
        case Number.document: return .document(try nested(element, key))
        case Number.array: return .array(try array(element, key))
        case Number.binary: return .binary(BSONBinary(Array(element.content), subtype: element.subtype))
        case Number.objectID: return .objectID(try identifier(element, key))
        case Number.bool: return .bool(element.integer != 0)
        case Number.date: return .date(BSONDate(element.integer))
        case Number.null: return .null
        case Number.regex:
            let options = UnsafeBufferPointer(start: element.options, count: element.options_length)
            guard let pattern = String(validating: element.content, as: UTF8.self),
                let options = String(validating: options, as: UTF8.self)
            else { throw .damaged(key) }
            return .regex(BSONRegex(pattern, options: options))
        case Number.int32: return .int32(Int32(truncatingIfNeeded: element.integer))
        case Number.int64: return .int64(element.integer)
        case Number.timestamp:
            return .timestamp(
                BSONTimestamp(
                    seconds: UInt32(truncatingIfNeeded: element.integer),
                    increment: UInt32(truncatingIfNeeded: element.low)))
        case Number.decimal128:
            return .decimal128(BSONDecimal128(high: UInt64(bitPattern: element.integer), low: element.low))
        default: return .other(element.type)
        }
    }

    private static func expect(
        _ type: UInt8, _ expected: String, _ element: martlet_bson_element, _ key: String
    ) throws(BSONError) {
        guard element.type == type else { throw .wrongType(key, expected: expected, found: element.type) }
    }
}
