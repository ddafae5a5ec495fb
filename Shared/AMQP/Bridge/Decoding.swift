internal import CRabbitMQ

// Copies values out of the library's memory, which is reused with the next frame.

extension String {
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension [String: AMQPValue] {
    init(_ table: amqp_table_t) {
        self.init(minimumCapacity: Int(table.num_entries))
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)) {
            self[String(entry.key)] = AMQPValue(entry.value)
        }
    }
}

extension AMQPValue {
    init(_ field: amqp_field_value_t) {
        let value = field.value
        self =
            switch amqp_field_value_kind_t(UInt32(field.kind)) {
            case AMQP_FIELD_KIND_BOOLEAN: .bool(value.boolean != 0)
            case AMQP_FIELD_KIND_I8: .int(Int64(value.i8))
            case AMQP_FIELD_KIND_U8: .int(Int64(value.u8))
            case AMQP_FIELD_KIND_I16: .int(Int64(value.i16))
            case AMQP_FIELD_KIND_U16: .int(Int64(value.u16))
            case AMQP_FIELD_KIND_I32: .int(Int64(value.i32))
            case AMQP_FIELD_KIND_U32: .int(Int64(value.u32))
            case AMQP_FIELD_KIND_I64: .int(value.i64)
            case AMQP_FIELD_KIND_U64: .int(Int64(clamping: value.u64))
            case AMQP_FIELD_KIND_F32: .double(Double(value.f32))
            case AMQP_FIELD_KIND_F64: .double(value.f64)
            case AMQP_FIELD_KIND_UTF8: .string(String(value.bytes))
            case AMQP_FIELD_KIND_BYTES:
                .bytes([UInt8](UnsafeRawBufferPointer(start: value.bytes.bytes, count: value.bytes.len)))
            case AMQP_FIELD_KIND_ARRAY:
                .array(
                    UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries)).map {
                        AMQPValue($0)
                    })
            case AMQP_FIELD_KIND_TABLE: .table([String: AMQPValue](value.table))
            case AMQP_FIELD_KIND_TIMESTAMP: .timestamp(value.u64)
            case AMQP_FIELD_KIND_DECIMAL: .double(Double(value.decimal))
            default: .null
            }
    }
}

extension Double {
    fileprivate init(_ decimal: amqp_decimal_t) {
        self = Double(decimal.value)
        for _ in 0..<decimal.decimals { self /= 10 }
    }
}

extension AMQPProperties {
    init(_ source: amqp_basic_properties_t) {
        self.init()
        let flags = source._flags
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? {
            flags & UInt32(bitPattern: flag) != 0 ? String(bytes) : nil
        }
        contentType = text(PropertyFlag.contentType, source.content_type)
        contentEncoding = text(PropertyFlag.contentEncoding, source.content_encoding)
        type = text(PropertyFlag.type, source.type)
        messageID = text(PropertyFlag.messageID, source.message_id)
        correlationID = text(PropertyFlag.correlationID, source.correlation_id)
        replyTo = text(PropertyFlag.replyTo, source.reply_to)
        userID = text(PropertyFlag.userID, source.user_id)
        appID = text(PropertyFlag.appID, source.app_id)
        if flags & UInt32(PropertyFlag.deliveryMode) != 0 { persistent = source.delivery_mode == 2 }
        if flags & UInt32(PropertyFlag.priority) != 0 { priority = source.priority }
        if flags & UInt32(PropertyFlag.timestamp) != 0 { timestamp = source.timestamp }
        if let milliseconds = text(PropertyFlag.expiration, source.expiration).flatMap({ Int64($0) }) {
            expiration = .milliseconds(milliseconds)
        }
        if flags & UInt32(PropertyFlag.headers) != 0 { headers = [String: AMQPValue](source.headers) }
    }
}

/// Which properties a header holds (`AMQP_BASIC_..._FLAG`; macros of shifts, which not every importer takes over).
enum PropertyFlag {
    static let contentType: Int32 = 1 << 15
    static let contentEncoding: Int32 = 1 << 14
    static let headers: Int32 = 1 << 13
    static let deliveryMode: Int32 = 1 << 12
    static let priority: Int32 = 1 << 11
    static let correlationID: Int32 = 1 << 10
    static let replyTo: Int32 = 1 << 9
    static let expiration: Int32 = 1 << 8
    static let messageID: Int32 = 1 << 7
    static let timestamp: Int32 = 1 << 6
    static let type: Int32 = 1 << 5
    static let userID: Int32 = 1 << 4
    static let appID: Int32 = 1 << 3
}

extension IncomingMethod {
    /// - Throws: `ProtocolViolation` when the library left out the values.
    init(_ method: amqp_method_t) throws(ProtocolViolation) {
        guard let decoded = UnsafeRawPointer(method.decoded) else {
            throw ProtocolViolation(message: "a method without values")
        }
        func values<T>(_ type: T.Type) -> T { decoded.load(as: type) }
        switch method.id {
        case AMQP_CHANNEL_OPEN_OK_METHOD: self = .channelOpenOK
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = values(amqp_channel_close_t.self)
            self = .channelClose(
                CloseReason(
                    code: Int(close.reply_code), text: String(close.reply_text), classID: Int(close.class_id),
                    methodID: Int(close.method_id)))
        case AMQP_CHANNEL_CLOSE_OK_METHOD: self = .channelCloseOK
        case AMQP_CHANNEL_FLOW_METHOD: self = .channelFlow(active: values(amqp_channel_flow_t.self).active != 0)
        case AMQP_CONFIRM_SELECT_OK_METHOD: self = .confirmSelectOK
        case AMQP_EXCHANGE_DECLARE_OK_METHOD: self = .exchangeDeclareOK
        case AMQP_EXCHANGE_BIND_OK_METHOD: self = .exchangeBindOK
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let ok = values(amqp_queue_declare_ok_t.self)
            self = .queueDeclareOK(
                name: String(ok.queue), messages: Int(ok.message_count), consumers: Int(ok.consumer_count))
        case AMQP_QUEUE_BIND_OK_METHOD: self = .queueBindOK
        case AMQP_QUEUE_UNBIND_OK_METHOD: self = .queueUnbindOK
        case AMQP_QUEUE_PURGE_OK_METHOD:
            self = .queuePurgeOK(messages: Int(values(amqp_queue_purge_ok_t.self).message_count))
        case AMQP_QUEUE_DELETE_OK_METHOD:
            self = .queueDeleteOK(messages: Int(values(amqp_queue_delete_ok_t.self).message_count))
        case AMQP_BASIC_QOS_OK_METHOD: self = .qosOK
        case AMQP_BASIC_CONSUME_OK_METHOD:
            self = .consumeOK(tag: String(values(amqp_basic_consume_ok_t.self).consumer_tag))
        case AMQP_BASIC_CANCEL_METHOD:
            self = .consumerCancelled(tag: String(values(amqp_basic_cancel_t.self).consumer_tag))
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = values(amqp_basic_deliver_t.self)
            self = .deliver(
                Deliver(
                    consumerTag: String(deliver.consumer_tag), deliveryTag: deliver.delivery_tag,
                    redelivered: deliver.redelivered != 0, exchange: String(deliver.exchange),
                    routingKey: String(deliver.routing_key)))
        case AMQP_BASIC_RETURN_METHOD:
            let returned = values(amqp_basic_return_t.self)
            self = .returned(
                Return(
                    code: Int(returned.reply_code), text: String(returned.reply_text),
                    exchange: String(returned.exchange), routingKey: String(returned.routing_key)))
        case AMQP_BASIC_ACK_METHOD:
            let ack = values(amqp_basic_ack_t.self)
            self = .ack(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = values(amqp_basic_nack_t.self)
            self = .nack(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = values(amqp_connection_close_t.self)
            self = .connectionClose(
                CloseReason(
                    code: Int(close.reply_code), text: String(close.reply_text), classID: Int(close.class_id),
                    methodID: Int(close.method_id)))
        case AMQP_CONNECTION_CLOSE_OK_METHOD: self = .connectionCloseOK
        case AMQP_CONNECTION_BLOCKED_METHOD:
            self = .connectionBlocked(reason: String(values(amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: self = .connectionUnblocked
        default: self = .other(id: method.id)
        }
    }
}
