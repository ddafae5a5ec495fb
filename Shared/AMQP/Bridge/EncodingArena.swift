internal import CRabbitMQ

/// Scratch memory for one frame: Swift values go in as the library's structs, which live until `recycle()`.
///
/// Belongs to one thread; the pointers that it hands out must not outlive the call they are made for.
struct EncodingArena: ~Copyable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        init_amqp_pool(pool, 16 * 1024)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    func recycle() { recycle_amqp_pool(pool) }

    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { bytes(UnsafeRawBufferPointer($0)) }
    }

    func bytes(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let base = source.baseAddress, source.count > 0 else { return amqp_empty_bytes }
        var result = amqp_bytes_t()
        amqp_pool_alloc_bytes(pool, source.count, &result)
        guard let memory = result.bytes else { fatalError("out of memory") }
        memory.copyMemory(from: base, byteCount: source.count)
        return result
    }

    func table(_ values: [String: AMQPValue]) -> amqp_table_t {
        guard !values.isEmpty else { return amqp_empty_table }
        let entries = allocate(amqp_table_entry_t.self, count: values.count)
        for (index, (key, value)) in values.enumerated() {
            (entries + index).initialize(to: amqp_table_entry_t(key: bytes(key), value: field(value)))
        }
        return amqp_table_t(num_entries: Int32(values.count), entries: entries)
    }

    private func array(_ values: [AMQPValue]) -> amqp_array_t {
        guard !values.isEmpty else { return amqp_empty_array }
        let entries = allocate(amqp_field_value_t.self, count: values.count)
        for (index, value) in values.enumerated() { (entries + index).initialize(to: field(value)) }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func field(_ value: AMQPValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .string(let text): field.set(AMQP_FIELD_KIND_UTF8) { $0.bytes = bytes(text) }
        case .int(let number): field.set(AMQP_FIELD_KIND_I64) { $0.i64 = number }
        case .bool(let flag): field.set(AMQP_FIELD_KIND_BOOLEAN) { $0.boolean = flag ? 1 : 0 }
        case .double(let number): field.set(AMQP_FIELD_KIND_F64) { $0.f64 = number }
        case .bytes(let content):
            field.set(AMQP_FIELD_KIND_BYTES) { $0.bytes = content.withUnsafeBytes { bytes($0) } }
        case .array(let values): field.set(AMQP_FIELD_KIND_ARRAY) { $0.array = array(values) }
        case .table(let values): field.set(AMQP_FIELD_KIND_TABLE) { $0.table = table(values) }
        case .null: field.set(AMQP_FIELD_KIND_VOID) { _ in }
        case .timestamp(let seconds): field.set(AMQP_FIELD_KIND_TIMESTAMP) { $0.u64 = seconds }
        }
        return field
    }

    private func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
        guard let memory = amqp_pool_alloc(pool, MemoryLayout<T>.stride * count) else { fatalError("out of memory") }
        return memory.bindMemory(to: type, capacity: count)
    }
}

extension amqp_field_value_t {
    fileprivate mutating func set(
        _ kind: amqp_field_value_kind_t, _ assign: (inout amqp_field_value_t.__Unnamed_union_value) -> Void
    ) {
        self.kind = UInt8(kind.rawValue)
        assign(&value)
    }
}
