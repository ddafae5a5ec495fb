import CMongoC

extension String: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        var text = self
        text.withUTF8 { utf8 in
            writer.put(key) { bson, key, length in
                guard let base = utf8.baseAddress else { return bson_append_utf8(bson, key, length, "", 0) }
                return base.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                    bson_append_utf8(bson, key, length, $0, Int32(utf8.count))
                }
            }
        }
    }
}

extension Int32: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_int32($0, $1, $2, self) }
    }
}

extension Int64: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_int64($0, $1, $2, self) }
    }
}

extension Int: BSONValue {
    /// Stored as an int64.
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_int64($0, $1, $2, Int64(self)) }
    }
}

extension Double: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_double($0, $1, $2, self) }
    }
}

extension Bool: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_bool($0, $1, $2, self) }
    }
}

extension BSONBinary: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        bytes.withUnsafeBufferPointer { bytes in
            writer.put(key) {
                martlet_bson_append_binary($0, $1, $2, subtype, bytes.baseAddress, UInt32(bytes.count))
            }
        }
    }
}

extension BSONDate: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_date_time($0, $1, $2, milliseconds) }
    }
}

extension BSONObjectID: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        bytes.withUnsafeBufferPointer { bytes in
            writer.put(key) { martlet_bson_append_oid($0, $1, $2, bytes.baseAddress) }
        }
    }
}

extension BSONNull: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_null($0, $1, $2) }
    }
}

extension BSONTimestamp: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { bson_append_timestamp($0, $1, $2, seconds, increment) }
    }
}

extension BSONDecimal128: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        writer.put(key) { martlet_bson_append_decimal128($0, $1, $2, high, low) }
    }
}

extension BSONRegex: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        precondition(
            !pattern.utf8.contains(0) && !options.utf8.contains(0), "a BSON regular expression must not contain NUL")
        writer.put(key) { martlet_bson_append_regex($0, $1, $2, pattern, options) }
    }
}

extension BSONDocument: BSONValue {
    public func append(to writer: inout BSONWriter, key: String) {
        withBytes { data, size in
            writer.put(key) { martlet_bson_append_nested($0, $1, $2, false, data, size) }
        }
    }
}

extension BSONElement.Value: BSONValue {
    /// A type that this module does not read is left out.
    public func append(to writer: inout BSONWriter, key: String) {
        switch self {
        case .double(let value): writer.append(key, value)
        case .string(let value): writer.append(key, value)
        case .document(let value): writer.append(key, value)
        case .array(let value): writer.append(key, array: value)
        case .binary(let value): writer.append(key, value)
        case .objectID(let value): writer.append(key, value)
        case .bool(let value): writer.append(key, value)
        case .date(let value): writer.append(key, value)
        case .null: writer.append(key, BSONNull())
        case .regex(let value): writer.append(key, value)
        case .int32(let value): writer.append(key, value)
        case .int64(let value): writer.append(key, value)
        case .timestamp(let value): writer.append(key, value)
        case .decimal128(let value): writer.append(key, value)
        case .other: break
        }
    }
}
