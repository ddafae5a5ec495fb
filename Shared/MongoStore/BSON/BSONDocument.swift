import CMongoC

/// A BSON document as its bytes.
///
/// Reading never leaves the bytes, whatever they hold: libbson's iterator checks every length. A document that came
/// from elsewhere than this module should still go through ``init(validating:)`` at the border, so that damage is found
/// there.
public struct BSONDocument: Sendable, Hashable {
    /// How many levels of nested documents are accepted, the server's own limit.
    public static let maximumDepth = 100

    /// The document as BSON stores it, with its length in the first four bytes.
    public let bytes: [UInt8]

    /// An empty document.
    public init() {
        bytes = [5, 0, 0, 0, 0]
    }

    /// Accepts bytes that are exactly one valid document with valid UTF-8.
    public init(validating bytes: [UInt8]) throws(BSONError) {
        let isValid = bytes.withUnsafeBufferPointer {
            martlet_bson_valid($0.baseAddress, $0.count, Int32(Self.maximumDepth))
        }
        guard isValid else { throw .damaged() }
        self.bytes = bytes
    }

    /// Takes bytes that the driver or this module made.
    init(trusting bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Copies a `bson_t`.
    init(copying bson: OpaquePointer) {
        let data = bson_get_data(bson)!
        let count = UnsafeRawPointer(data).loadUnaligned(as: UInt32.self).littleEndian
        bytes = Array(UnsafeBufferPointer(start: data, count: Int(count)))
    }

    /// Whether it has no field.
    public var isEmpty: Bool { bytes.count <= 5 }

    func withBytes<Result>(_ body: (UnsafePointer<UInt8>?, Int) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
    }
}

extension BSONDocument: CustomStringConvertible, CustomDebugStringConvertible {
    /// Only the size, so that a document in a log line shows nothing of its contents.
    public var description: String { "BSON document of \(bytes.count) bytes" }

    /// The contents as relaxed Extended JSON.
    public var debugDescription: String {
        var length = 0
        guard let text = withBytes({ martlet_bson_json($0, $1, &length) }) else { return "damaged BSON" }
        defer { bson_free(text) }
        return String(
            decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
    }
}
