/// Binary data with its subtype.
public struct BSONBinary: Sendable, Hashable {
    public var bytes: [UInt8]
    /// 0 for plain data, 4 for UUIDs, and so on as in the BSON specification.
    public var subtype: UInt8

    public init(_ bytes: [UInt8], subtype: UInt8 = 0) {
        self.bytes = bytes
        self.subtype = subtype
    }
}

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
public struct BSONDate: Sendable, Hashable {
    public var milliseconds: Int64

    public init(_ milliseconds: Int64) { self.milliseconds = milliseconds }
}

/// Twelve bytes, made by drivers and servers where no better key exists.
public struct BSONObjectID: Sendable, Hashable {
    public let bytes: [UInt8]

    /// Nil for any other count than 12.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 12 else { return nil }
        self.bytes = bytes
    }
}

/// The explicit null.
public struct BSONNull: Sendable, Hashable {
    public init() {}
}

/// The server's internal timestamp: seconds since 1970 and a counter within the second.
public struct BSONTimestamp: Sendable, Hashable {
    public var seconds: UInt32
    public var increment: UInt32

    public init(seconds: UInt32, increment: UInt32) {
        self.seconds = seconds
        self.increment = increment
    }
}

/// An IEEE 754-2008 decimal, kept as its two halves.
public struct BSONDecimal128: Sendable, Hashable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A regular expression as the server understands it. Neither part may contain NUL.
public struct BSONRegex: Sendable, Hashable {
    public var pattern: String
    public var options: String

    public init(_ pattern: String, options: String = "") {
        self.pattern = pattern
        self.options = options
    }
}

/// One field of a document.
public struct BSONElement: Sendable, Hashable {
    /// The value of a field, by type.
    public enum Value: Sendable, Hashable {
        case double(Double)
        case string(String)
        case document(BSONDocument)
        /// The array as the document that BSON stores: its keys are "0", "1" and so on.
        case array(BSONDocument)
        case binary(BSONBinary)
        case objectID(BSONObjectID)
        case bool(Bool)
        case date(BSONDate)
        case null
        case regex(BSONRegex)
        case int32(Int32)
        case int64(Int64)
        case timestamp(BSONTimestamp)
        case decimal128(BSONDecimal128)
        /// A type that this module does not read (such as JavaScript code or the minimum key), by its number.
        case other(UInt8)
    }

    public let key: String
    public let value: Value
}

/// A type that has a representation as a BSON document.
public protocol BSONMappable: Sendable {
    /// Reads the document.
    /// - Throws: ``BSONError`` if a field is missing or of another type.
    init(bson: BSONDocument) throws(BSONError)

    /// Appends the fields.
    func write(to writer: inout BSONWriter)
}

extension BSONMappable {
    /// The value as a document.
    public var bson: BSONDocument { BSONDocument { write(to: &$0) } }
}
