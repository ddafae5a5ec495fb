import CMongoC

/// A type that can be appended to a document as one field.
public protocol BSONValue {
    /// Appends the value under `key`.
    func append(to writer: inout BSONWriter, key: String)
}

/// Appends fields to a document that libbson builds. It lives only inside ``BSONDocument/init(_:)``.
///
/// Keys must not contain NUL and a document must stay below 2 GiB; both are programmer errors and trap.
public struct BSONWriter: ~Copyable {
    let bson: OpaquePointer

    /// Appends one field.
    @inlinable
    public mutating func append<Value: BSONValue>(_ key: String, _ value: Value) {
        value.append(to: &self, key: key)
    }

    /// Appends one field, or nothing for nil.
    @inlinable
    public mutating func append<Value: BSONValue>(_ key: String, _ value: Value?) {
        value?.append(to: &self, key: key)
    }

    /// Appends an array.
    @inlinable
    public mutating func append<Value: BSONValue>(_ key: String, _ values: [Value]) {
        array(key) { for value in values { $0.append(value) } }
    }

    /// Appends binary data of the generic subtype.
    public mutating func append(_ key: String, binary bytes: [UInt8]) {
        append(key, BSONBinary(bytes))
    }

    /// Appends a mapped value as a nested document.
    public mutating func append(_ key: String, mapping value: some BSONMappable) {
        document(key) { value.write(to: &$0) }
    }

    /// Appends a nested document.
    public mutating func document(_ key: String, _ build: (inout BSONWriter) -> Void) {
        nested(key, array: false) { bson in
            var writer = BSONWriter(bson: bson)
            build(&writer)
        }
    }

    /// Appends an array.
    public mutating func array(_ key: String, _ build: (inout BSONArrayWriter) -> Void) {
        nested(key, array: true) { bson in
            var writer = BSONArrayWriter(writer: BSONWriter(bson: bson), count: 0)
            build(&writer)
        }
    }

    /// Appends the fields of another document.
    public mutating func append(contentsOf document: BSONDocument) {
        for element in document.elements() { element.value.append(to: &self, key: element.key) }
    }

    /// Appends a document whose bytes are an array.
    mutating func append(_ key: String, array: BSONDocument) {
        put(key) { bson, key, length in
            array.withBytes { martlet_bson_append_nested(bson, key, length, true, $0, $1) }
        }
    }

    private mutating func nested(_ key: String, array: Bool, _ build: (OpaquePointer) -> Void) {
        put(key) { bson, key, length in
            let child = martlet_bson_begin(bson, key, length, array)!
            build(child)
            return martlet_bson_end(bson, child, array)
        }
    }

    /// Runs an append with the key's bytes.
    mutating func put(_ key: String, _ append: (OpaquePointer, UnsafePointer<CChar>, Int32) -> Bool) {
        var key = key
        let appended = key.withUTF8 { utf8 in
            precondition(!utf8.contains(0), "a BSON key must not contain NUL")
            guard let base = utf8.baseAddress else { return append(bson, "", 0) }
            return base.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                append(bson, $0, Int32(utf8.count))
            }
        }
        precondition(appended, "the document is larger than BSON allows")
    }
}

/// Appends the elements of an array.
public struct BSONArrayWriter: ~Copyable {
    @usableFromInline var writer: BSONWriter
    @usableFromInline var count: Int

    /// Appends one element.
    @inlinable
    public mutating func append<Value: BSONValue>(_ value: Value) {
        value.append(to: &writer, key: nextKey())
    }

    /// Appends a nested document.
    public mutating func document(_ build: (inout BSONWriter) -> Void) {
        writer.document(nextKey(), build)
    }

    /// Appends a nested array.
    public mutating func array(_ build: (inout BSONArrayWriter) -> Void) {
        writer.array(nextKey(), build)
    }

    @usableFromInline mutating func nextKey() -> String {
        defer { count += 1 }
        return String(count)
    }
}

extension BSONDocument {
    /// Builds a document.
    public init(_ build: (inout BSONWriter) -> Void) {
        let bson = bson_new()!
        defer { bson_destroy(bson) }
        var writer = BSONWriter(bson: bson)
        build(&writer)
        self.init(copying: bson)
    }

    /// An array of values in the form that BSON stores: a document with the keys "0", "1" and so on.
    init(arrayOf documents: [BSONDocument]) {
        self.init { writer in
            for (index, document) in documents.enumerated() { writer.append(String(index), document) }
        }
    }
}
