internal import CRabbitMQ
internal import Glibc

/// A signed-in connection of the C library. Belongs to the thread that made it, and is destroyed with its last use there.
///
/// Only `amqp_simple_wait_frame_noblock` reads after sign-in: the library's waiting calls for one channel lose frames
/// of the others.
final class LibraryConnection {
    /// What a frame holds. A body points into the library's memory and is valid only while it is being handled.
    enum Frame {
        case method(IncomingMethod)
        case header(AMQPProperties, bodySize: UInt64)
        case body(UnsafeRawBufferPointer)
    }

    let handle: amqp_connection_state_t
    let isEncrypted: Bool
    private(set) var socket: Int32 = -1
    private(set) var frameMax = 0
    private(set) var channelMax = 0
    /// As agreed with the broker; zero when there are none.
    private(set) var heartbeat: Duration = .zero

    /// Reaches the endpoint and signs in. Blocks the thread, at most for about three times `connectTimeout` (name
    /// resolution aside).
    init(to endpoint: AMQPConfiguration.Endpoint, configuration: AMQPConfiguration) throws(AMQPError) {
        guard let handle = amqp_new_connection() else {
            throw AMQPError(.connectionRefused, "out of memory")
        }
        self.handle = handle
        isEncrypted = configuration.tls != nil
        try openSocket(to: endpoint, configuration: configuration)
        try signIn(to: endpoint, configuration: configuration)
        frameMax = Int(amqp_get_frame_max(handle))
        channelMax = Int(amqp_get_channel_max(handle))
        heartbeat = .seconds(Int(amqp_get_heartbeat(handle)))
        // The library's own heartbeats could land inside a frame that is half written, so they are done here.
        guard amqp_release_buffers_ok(handle) != 0 else {
            throw AMQPError(.connectionRefused, "\(endpoint) sent more than the answer to the sign-in")
        }
        let status = amqp_tune_connection(handle, Int32(channelMax), Int32(frameMax), 0)
        guard status == AMQP_STATUS_OK.rawValue else { throw Self.failure(status, "\(endpoint)") }
    }

    deinit { amqp_destroy_connection(handle) }

    private func openSocket(
        to endpoint: AMQPConfiguration.Endpoint, configuration: AMQPConfiguration
    ) throws(AMQPError) {
        let transport: OpaquePointer?
        if let tls = configuration.tls {
            transport = try Self.encryptedSocket(handle, tls)
        } else {
            transport = amqp_tcp_socket_new(handle)
        }
        guard let transport else { throw AMQPError(.connectionRefused, "out of memory") }
        var limit = configuration.connectTimeout.timeValue
        let status = amqp_socket_open_noblock(transport, endpoint.host, Int32(endpoint.port), &limit)
        guard status == AMQP_STATUS_OK.rawValue else { throw Self.failure(status, "\(endpoint)") }
        socket = amqp_get_sockfd(handle)
        if isEncrypted {
            // The library waits without limit when the socket takes no more; the kernel ends that.
            var milliseconds = UInt32(clamping: configuration.sendTimeout.wholeMilliseconds)
            setsockopt(
                socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
        }
    }

    private static func encryptedSocket(
        _ handle: amqp_connection_state_t, _ tls: AMQPConfiguration.TLS
    ) throws(AMQPError) -> OpaquePointer? {
        guard let transport = amqp_ssl_socket_new(handle) else { return nil }
        func check(_ status: Int32, _ what: String) throws(AMQPError) {
            guard status == AMQP_STATUS_OK.rawValue else { throw failure(status, what) }
        }
        amqp_ssl_socket_set_verify_peer(transport, 1)
        amqp_ssl_socket_set_verify_hostname(transport, 1)
        try check(amqp_ssl_socket_set_cacert(transport, tls.caFile), tls.caFile)
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            try check(amqp_ssl_socket_set_key(transport, certificate, key), certificate)
        }
        try check(amqp_ssl_socket_set_ssl_versions(transport, AMQP_TLSv1_2, AMQP_TLSvLATEST), "TLS versions")
        return transport
    }

    private func signIn(to endpoint: AMQPConfiguration.Endpoint, configuration: AMQPConfiguration) throws(AMQPError) {
        var handshakeLimit = configuration.connectTimeout.timeValue
        amqp_set_handshake_timeout(handle, &handshakeLimit)
        amqp_set_rpc_timeout(handle, &handshakeLimit)
        let arena = EncodingArena()
        var properties = arena.table([
            "connection_name": .string(configuration.connectionName),
            "capabilities": .table(["connection.blocked": true, "consumer_cancel_notify": true]),
        ])
        let reply = martlet_amqp_login_plain(
            handle, configuration.virtualHost, 0, Int32(clamping: configuration.frameMax),
            Int32(clamping: configuration.heartbeat.components.seconds), &properties, configuration.username,
            configuration.password)
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard case .connectionClose(let reason)? = try? IncomingMethod(reply.reply) else {
                throw AMQPError(.connectionRefused, "\(endpoint) broke the sign-in off")
            }
            throw AMQPError(
                reason.code == AMQP_ACCESS_REFUSED ? .authenticationFailed : .connectionRefused,
                "\(endpoint): \(reason.text)", replyCode: reason.code)
        default:
            throw Self.failure(reply.library_error, "\(endpoint) while signing in")
        }
    }

    /// Handles one frame, if one is there; never waits.
    /// - Returns: false when there is none.
    func receive(
        _ handler: (UInt16, Frame) throws(ProtocolViolation) -> Void
    ) throws(AMQPError) -> Bool {
        var frame = amqp_frame_t()
        var immediately = timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(handle, &frame, &immediately)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return false }
        guard status == AMQP_STATUS_OK.rawValue else { throw Self.failure(status, "lost", code: .notConnected) }
        defer { amqp_maybe_release_buffers_on_channel(handle, frame.channel) }
        do throws(ProtocolViolation) {
            switch Int32(frame.frame_type) {
            case AMQP_FRAME_METHOD:
                try handler(frame.channel, .method(IncomingMethod(frame.payload.method)))
            case AMQP_FRAME_HEADER:
                // The library decodes the properties of other classes, too, into less memory than those of `basic` take.
                guard Int32(frame.payload.properties.class_id) == AMQP_BASIC_CLASS else {
                    throw ProtocolViolation(
                        message: "a content header of class \(frame.payload.properties.class_id)")
                }
                guard let decoded = frame.payload.properties.decoded else {
                    throw ProtocolViolation(message: "a content header without properties")
                }
                let properties = AMQPProperties(decoded.load(as: amqp_basic_properties_t.self))
                try handler(frame.channel, .header(properties, bodySize: frame.payload.properties.body_size))
            case AMQP_FRAME_BODY:
                let fragment = frame.payload.body_fragment
                try handler(
                    frame.channel, .body(UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)))
            default:
                break
            }
        } catch {
            throw AMQPError(.notConnected, "the broker broke the protocol: \(error.message)")
        }
        return true
    }

    /// Whether bytes were read from the socket and not handled yet, so that waiting for the socket would be wrong.
    var hasBufferedInput: Bool { amqp_data_in_buffer(handle) != 0 || amqp_frames_enqueued(handle) != 0 }

    static func failure(_ status: Int32, _ what: String, code: AMQPError.Code = .connectionRefused) -> AMQPError {
        let reason = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
        return AMQPError(code, "\(what): \(reason)")
    }
}
