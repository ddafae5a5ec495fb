internal import CRabbitMQ

extension OutgoingMethod {
    /// Lays the method out as the library wants it, for the length of `body`.
    func withEncoded<R>(
        _ arena: borrowing EncodingArena, _ body: (amqp_method_number_t, UnsafeMutableRawPointer) -> R
    ) -> R {
        func with<T>(_ id: amqp_method_number_t, _ values: T) -> R {
            var values = values
            return withUnsafeMutablePointer(to: &values) { body(id, UnsafeMutableRawPointer($0)) }
        }
        switch self {
        case .channelOpen:
            return with(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t())
        case .channelClose(let code, let text):
            var close = amqp_channel_close_t()
            close.reply_code = UInt16(code)
            close.reply_text = arena.bytes(text)
            return with(AMQP_CHANNEL_CLOSE_METHOD, close)
        case .channelCloseOK:
            return with(AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t())
        case .channelFlowOK(let active):
            return with(AMQP_CHANNEL_FLOW_OK_METHOD, amqp_channel_flow_ok_t(active: active ? 1 : 0))
        case .confirmSelect:
            return with(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t())
        case .declare(let declaration):
            return declaration.withEncoded(arena, body)
        case .queueUnbind(let queue, let exchange, let routingKey):
            var unbind = amqp_queue_unbind_t()
            unbind.queue = arena.bytes(queue)
            unbind.exchange = arena.bytes(exchange)
            unbind.routing_key = arena.bytes(routingKey)
            return with(AMQP_QUEUE_UNBIND_METHOD, unbind)
        case .queuePurge(let name):
            var purge = amqp_queue_purge_t()
            purge.queue = arena.bytes(name)
            return with(AMQP_QUEUE_PURGE_METHOD, purge)
        case .queueDelete(let name):
            var delete = amqp_queue_delete_t()
            delete.queue = arena.bytes(name)
            return with(AMQP_QUEUE_DELETE_METHOD, delete)
        case .qos(let prefetch):
            var qos = amqp_basic_qos_t()
            qos.prefetch_count = UInt16(clamping: max(1, prefetch))
            return with(AMQP_BASIC_QOS_METHOD, qos)
        case .consume(let queue, let tag, let noAck, let exclusive, let arguments):
            var consume = amqp_basic_consume_t()
            consume.queue = arena.bytes(queue)
            consume.consumer_tag = arena.bytes(tag)
            consume.no_ack = noAck ? 1 : 0
            consume.exclusive = exclusive ? 1 : 0
            consume.arguments = arena.table(arguments)
            return with(AMQP_BASIC_CONSUME_METHOD, consume)
        case .ack(let tag, let multiple):
            return with(AMQP_BASIC_ACK_METHOD, amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0))
        case .reject(let tag, let requeue):
            return with(AMQP_BASIC_REJECT_METHOD, amqp_basic_reject_t(delivery_tag: tag, requeue: requeue ? 1 : 0))
        case .connectionClose(let code, let text):
            var close = amqp_connection_close_t()
            close.reply_code = UInt16(code)
            close.reply_text = arena.bytes(text)
            return with(AMQP_CONNECTION_CLOSE_METHOD, close)
        case .connectionCloseOK:
            return with(AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t())
        }
    }
}

extension AMQPDeclaration {
    fileprivate func withEncoded<R>(
        _ arena: borrowing EncodingArena, _ body: (amqp_method_number_t, UnsafeMutableRawPointer) -> R
    ) -> R {
        func with<T>(_ id: amqp_method_number_t, _ values: T) -> R {
            var values = values
            return withUnsafeMutablePointer(to: &values) { body(id, UnsafeMutableRawPointer($0)) }
        }
        switch self {
        case .exchange(let name, let kind, let durable, let autoDelete, let isInternal, let arguments):
            var declare = amqp_exchange_declare_t()
            declare.exchange = arena.bytes(name)
            declare.type = arena.bytes(kind)
            declare.durable = durable ? 1 : 0
            declare.auto_delete = autoDelete ? 1 : 0
            declare.`internal` = isInternal ? 1 : 0
            declare.arguments = arena.table(arguments)
            return with(AMQP_EXCHANGE_DECLARE_METHOD, declare)
        case .queue(let name, let durable, let exclusive, let autoDelete, let arguments):
            var declare = amqp_queue_declare_t()
            declare.queue = arena.bytes(name)
            declare.durable = durable ? 1 : 0
            declare.exclusive = exclusive ? 1 : 0
            declare.auto_delete = autoDelete ? 1 : 0
            declare.arguments = arena.table(arguments)
            return with(AMQP_QUEUE_DECLARE_METHOD, declare)
        case .passiveQueue(let name):
            var declare = amqp_queue_declare_t()
            declare.queue = arena.bytes(name)
            declare.passive = 1
            return with(AMQP_QUEUE_DECLARE_METHOD, declare)
        case .binding(let queue, let exchange, let routingKey, let arguments):
            var bind = amqp_queue_bind_t()
            bind.queue = arena.bytes(queue)
            bind.exchange = arena.bytes(exchange)
            bind.routing_key = arena.bytes(routingKey)
            bind.arguments = arena.table(arguments)
            return with(AMQP_QUEUE_BIND_METHOD, bind)
        case .exchangeBinding(let destination, let source, let routingKey, let arguments):
            var bind = amqp_exchange_bind_t()
            bind.destination = arena.bytes(destination)
            bind.source = arena.bytes(source)
            bind.routing_key = arena.bytes(routingKey)
            bind.arguments = arena.table(arguments)
            return with(AMQP_EXCHANGE_BIND_METHOD, bind)
        }
    }
}

extension AMQPProperties {
    /// Lays the properties out as the library wants them; pointers live until the arena is recycled.
    func encoded(_ arena: borrowing EncodingArena, publishNumber: UInt64?) -> amqp_basic_properties_t {
        var result = amqp_basic_properties_t()
        var flags = PropertyFlag.deliveryMode
        result.delivery_mode = persistent ? 2 : 1
        if let contentType {
            flags |= PropertyFlag.contentType
            result.content_type = arena.bytes(contentType)
        }
        if let contentEncoding {
            flags |= PropertyFlag.contentEncoding
            result.content_encoding = arena.bytes(contentEncoding)
        }
        if let type {
            flags |= PropertyFlag.type
            result.type = arena.bytes(type)
        }
        if let messageID {
            flags |= PropertyFlag.messageID
            result.message_id = arena.bytes(messageID)
        }
        if let correlationID {
            flags |= PropertyFlag.correlationID
            result.correlation_id = arena.bytes(correlationID)
        }
        if let replyTo {
            flags |= PropertyFlag.replyTo
            result.reply_to = arena.bytes(replyTo)
        }
        if let userID {
            flags |= PropertyFlag.userID
            result.user_id = arena.bytes(userID)
        }
        if let appID {
            flags |= PropertyFlag.appID
            result.app_id = arena.bytes(appID)
        }
        if let priority {
            flags |= PropertyFlag.priority
            result.priority = priority
        }
        if let timestamp {
            flags |= PropertyFlag.timestamp
            result.timestamp = timestamp
        }
        if let expiration {
            flags |= PropertyFlag.expiration
            result.expiration = arena.bytes(String(max(0, expiration.wholeMilliseconds)))
        }
        var headers = headers
        if let publishNumber { headers[ReturnMark.header] = .int(Int64(publishNumber)) }
        if !headers.isEmpty {
            flags |= PropertyFlag.headers
            result.headers = arena.table(headers)
        }
        result._flags = UInt32(flags)
        return result
    }
}
