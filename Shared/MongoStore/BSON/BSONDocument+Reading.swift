import CMongoC

extension BSONDocument {
    /// Whether the field exists, also if it is null.
    public func has(_ key: String) -> Bool {
        (try? find(key) { _ in true }) ?? false
    }

    /// The text of a field.
    public func string(_ key: String) throws(BSONError) -> String {
        try required(key, BSONElement.text)
    }

    /// An int64, int32, or a double without a fraction.
    public func int64(_ key: String) throws(BSONError) -> Int64 {
        try required(key, BSONElement.integer)
    }

    /// A double, or an integer as the nearest double.
    public func double(_ key: String) throws(BSONError) -> Double {
        try required(key, BSONElement.number)
    }

    public func bool(_ key: String) throws(BSONError) -> Bool {
        try required(key, BSONElement.truth)
    }

    /// Binary data of any subtype.
    public func binary(_ key: String) throws(BSONError) -> [UInt8] {
        try required(key, BSONElement.data)
    }

    /// A date, in milliseconds since 1970-01-01T00:00:00Z.
    public func date(_ key: String) throws(BSONError) -> Int64 {
        try required(key, BSONElement.milliseconds)
    }

    public func objectID(_ key: String) throws(BSONError) -> BSONObjectID {
        try required(key, BSONElement.identifier)
    }

    /// A nested document.
    public func document(_ key: String) throws(BSONError) -> BSONDocument {
        try required(key, BSONElement.nested)
    }

    /// An array of documents.
    public func documents(_ key: String) throws(BSONError) -> [BSONDocument] {
        try required(key, BSONElement.array).members(BSONElement.nested)
    }

    /// An array of texts.
    public func strings(_ key: String) throws(BSONError) -> [String] {
        try required(key, BSONElement.array).members(BSONElement.text)
    }

    /// An array of integers, each read as ``int64(_:)`` does.
    public func int64s(_ key: String) throws(BSONError) -> [Int64] {
        try required(key, BSONElement.array).members(BSONElement.integer)
    }

    /// An array of binary data.
    public func binaries(_ key: String) throws(BSONError) -> [[UInt8]] {
        try required(key, BSONElement.array).members(BSONElement.data)
    }

    /// A mapped nested document.
    public func value<Value: BSONMappable>(_ key: String, as: Value.Type = Value.self) throws(BSONError) -> Value {
        try Value(bson: document(key))
    }

    /// The field's value by type, nil if it is absent.
    public func element(_ key: String) throws(BSONError) -> BSONElement.Value? {
        try find(key) { element throws(BSONError) in try BSONElement.value(element, key) }
    }

    /// All fields in order. A damaged document gives those before the damage.
    public func elements() -> [BSONElement] {
        var elements: [BSONElement] = []
        visit { element in
            let key = element.keyText
            guard let value = try? BSONElement.value(element, key) else { return false }
            elements.append(BSONElement(key: key, value: value))
            return true
        }
        return elements
    }
}

// Absent and null are both nil.
extension BSONDocument {
    public func optionalString(_ key: String) throws(BSONError) -> String? {
        try optional(key, BSONElement.text)
    }

    public func optionalInt64(_ key: String) throws(BSONError) -> Int64? {
        try optional(key, BSONElement.integer)
    }

    public func optionalDouble(_ key: String) throws(BSONError) -> Double? {
        try optional(key, BSONElement.number)
    }

    public func optionalBool(_ key: String) throws(BSONError) -> Bool? {
        try optional(key, BSONElement.truth)
    }

    public func optionalBinary(_ key: String) throws(BSONError) -> [UInt8]? {
        try optional(key, BSONElement.data)
    }

    public func optionalDate(_ key: String) throws(BSONError) -> Int64? {
        try optional(key, BSONElement.milliseconds)
    }

    public func optionalDocument(_ key: String) throws(BSONError) -> BSONDocument? {
        try optional(key, BSONElement.nested)
    }

    public func optionalDocuments(_ key: String) throws(BSONError) -> [BSONDocument]? {
        guard let array = try optional(key, BSONElement.array) else { return nil }
        return try array.members(BSONElement.nested)
    }
}

extension BSONDocument {
    typealias Conversion<Value> = (martlet_bson_element, String) throws(BSONError) -> Value

    /// Reads the first field of that name where it lies; nil if there is none.
    private func find<Value>(
        _ key: String, _ read: (martlet_bson_element) throws(BSONError) -> Value
    ) throws(BSONError) -> Value? {
        var key = key
        let result: Result<Value?, BSONError> = bytes.withUnsafeBufferPointer { bytes in
            key.withUTF8 { utf8 in
                var element = martlet_bson_element()
                let name = UnsafeRawPointer(utf8.baseAddress ?? bytes.baseAddress!).assumingMemoryBound(to: CChar.self)
                switch martlet_bson_find(bytes.baseAddress, bytes.count, name, utf8.count, &element) {
                case 1:
                    do throws(BSONError) { return .success(try read(element)) } catch { return .failure(error) }
                case 0:
                    return .success(nil)
                default:
                    return .failure(.damaged())
                }
            }
        }
        return try result.get()
    }

    private func required<Value>(_ key: String, _ convert: Conversion<Value>) throws(BSONError) -> Value {
        let found: Value? = try find(key) { element throws(BSONError) in try convert(element, key) }
        guard let found else { throw .missing(key) }
        return found
    }

    private func optional<Value>(_ key: String, _ convert: Conversion<Value>) throws(BSONError) -> Value? {
        let found: Value?? = try find(key) { element throws(BSONError) in
            element.type == BSONElement.Number.null ? nil : try convert(element, key)
        }
        return found ?? nil
    }

    /// The elements of an array's document.
    private func members<Value>(_ convert: Conversion<Value>) throws(BSONError) -> [Value] {
        var values: [Value] = []
        var failure: BSONError?
        let isWhole = visit { element in
            do throws(BSONError) {
                values.append(try convert(element, element.keyText))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        guard isWhole else { throw .damaged() }
        return values
    }

    /// Gives each element to `body` until it returns false; false if the document is damaged.
    @discardableResult
    private func visit(_ body: (martlet_bson_element) -> Bool) -> Bool {
        withoutActuallyEscaping(body) { body in
            var body = body
            return withUnsafeMutablePointer(to: &body) { context in
                withBytes { data, size in
                    martlet_bson_visit(
                        data, size,
                        { element, context in
                            let body = context!.assumingMemoryBound(to: ((martlet_bson_element) -> Bool).self)
                            return body.pointee(element!.pointee)
                        }, context)
                }
            }
        }
    }
}
