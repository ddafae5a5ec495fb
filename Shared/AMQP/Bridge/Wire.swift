internal import CRabbitMQ
internal import Glibc

/// Writes frames. Belongs to the connection's thread.
///
/// Over plain TCP the frames of a turn are encoded into one buffer and go out with one `send` that never waits. Under
/// TLS only the library can write, frame by frame.
final class Wire {
    /// Publications wait while this much is unwritten.
    static let highWater = 1024 * 1024

    let library: LibraryConnection
    private let arena = EncodingArena()
    private var buffer = OutboundBuffer()
    private var failure: AMQPError?
    /// Since when the socket has taken nothing although there is something to write.
    private(set) var stalledSince: ContinuousClock.Instant?
    private(set) var lastWrite: ContinuousClock.Instant = .now

    init(library: LibraryConnection) { self.library = library }

    var pendingBytes: Int { buffer.count }

    func write(_ method: OutgoingMethod, channel: UInt16) {
        arena.recycle()
        let size = method.withEncoded(arena) { id, values in encode(id, values, channel: channel) }
        if size < 0 { fail(Int32(size)) }
    }

    /// - Throws: `invalidArgument` when the properties do not fit into a frame; nothing was written then.
    func publish(_ publication: AMQPPublication, channel: UInt16, number: UInt64?) throws(AMQPError) {
        arena.recycle()
        var method = amqp_basic_publish_t()
        method.exchange = arena.bytes(publication.exchange)
        method.routing_key = arena.bytes(publication.routingKey)
        method.mandatory = publication.mandatory ? 1 : 0
        var properties = publication.message.properties.encoded(arena, publishNumber: number)
        let bodySize = publication.message.body.count
        let start = buffer.count
        if library.isEncrypted {
            // A header that turns out too large must not follow a method already sent, so it is tried first.
            let headerSize = encodeHeader(&properties, bodySize: bodySize, channel: channel)
            buffer.truncate(to: start)
            guard headerSize >= 0 else { throw Self.tooLarge }
            let status = encode(AMQP_BASIC_PUBLISH_METHOD, &method, channel: channel)
            if status < 0 { return fail(Int32(status)) }
            sendHeader(&properties, bodySize: bodySize, channel: channel)
        } else {
            guard encode(AMQP_BASIC_PUBLISH_METHOD, &method, channel: channel) >= 0,
                encodeHeader(&properties, bodySize: bodySize, channel: channel) >= 0
            else {
                buffer.truncate(to: start)
                throw Self.tooLarge
            }
        }
        publication.message.body.withUnsafeBytes { body in
            var rest = body[...]
            while !rest.isEmpty {
                let fragment = UnsafeRawBufferPointer(rebasing: rest.prefix(library.frameMax - 8))
                rest = rest.dropFirst(fragment.count)
                writeBody(fragment, channel: channel)
            }
        }
    }

    func heartbeat() {
        if library.isEncrypted {
            var frame = amqp_frame_t()
            frame.frame_type = UInt8(AMQP_FRAME_HEARTBEAT)
            send(&frame)
        } else {
            _ = appendFrame(type: UInt8(AMQP_FRAME_HEARTBEAT), channel: 0, limit: 0) { _ in 0 }
        }
    }

    /// Writes what the socket takes.
    func flush(at now: ContinuousClock.Instant) throws(AMQPError) {
        if let failure { throw failure }
        guard buffer.count > 0 else { return }
        do throws(SocketFailure) {
            let (progress, complete) = try buffer.write(to: library.socket)
            if progress { lastWrite = now }
            if complete {
                stalledSince = nil
            } else if progress || stalledSince == nil {
                stalledSince = now
            }
        } catch {
            throw AMQPError(.notConnected, "writing failed: \(error.text)")
        }
    }

    private static var tooLarge: AMQPError {
        AMQPError(.invalidArgument, "the properties do not fit into a frame")
    }

    // MARK: Frames

    /// - Returns: the size, or the library's (negative) status.
    private func encode(_ id: amqp_method_number_t, _ values: UnsafeMutableRawPointer, channel: UInt16) -> Int {
        if library.isEncrypted {
            let status = amqp_send_method(library.handle, channel, id, values)
            lastWrite = .now
            return Int(status)
        }
        return appendFrame(type: UInt8(AMQP_FRAME_METHOD), channel: channel, limit: library.frameMax - 8) { payload in
            payload.storeBytes(of: id.bigEndian, as: UInt32.self)
            let rest = amqp_bytes_t(len: payload.count - 4, bytes: payload.baseAddress! + 4)
            let size = Int(amqp_encode_method(id, values, rest))
            return size < 0 ? size : size + 4
        }
    }

    private func encodeHeader(_ properties: inout amqp_basic_properties_t, bodySize: Int, channel: UInt16) -> Int {
        appendFrame(type: UInt8(AMQP_FRAME_HEADER), channel: channel, limit: library.frameMax - 8) { payload in
            payload.storeBytes(of: UInt16(60).bigEndian, as: UInt16.self)
            payload.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
            payload.storeBytes(of: UInt64(bodySize).bigEndian, toByteOffset: 4, as: UInt64.self)
            let rest = amqp_bytes_t(len: payload.count - 12, bytes: payload.baseAddress! + 12)
            let size = Int(amqp_encode_properties(60, &properties, rest))
            return size < 0 ? size : size + 12
        }
    }

    private func sendHeader(_ properties: inout amqp_basic_properties_t, bodySize: Int, channel: UInt16) {
        withUnsafeMutablePointer(to: &properties) { properties in
            var frame = amqp_frame_t()
            frame.frame_type = UInt8(AMQP_FRAME_HEADER)
            frame.channel = channel
            frame.payload.properties.class_id = 60
            frame.payload.properties.body_size = UInt64(bodySize)
            frame.payload.properties.decoded = UnsafeMutableRawPointer(properties)
            send(&frame)
        }
    }

    private func writeBody(_ fragment: UnsafeRawBufferPointer, channel: UInt16) {
        if library.isEncrypted {
            var frame = amqp_frame_t()
            frame.frame_type = UInt8(AMQP_FRAME_BODY)
            frame.channel = channel
            frame.payload.body_fragment = amqp_bytes_t(
                len: fragment.count, bytes: UnsafeMutableRawPointer(mutating: fragment.baseAddress))
            send(&frame)
        } else {
            _ = appendFrame(type: UInt8(AMQP_FRAME_BODY), channel: channel, limit: fragment.count) { payload in
                payload.copyMemory(from: fragment)
                return fragment.count
            }
        }
    }

    private func appendFrame(
        type: UInt8, channel: UInt16, limit: Int, _ payload: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        buffer.append(limit: limit + 8) { frame in
            let size = payload(UnsafeMutableRawBufferPointer(rebasing: frame[7..<frame.count - 1]))
            guard size >= 0 else { return size }
            frame[0] = type
            frame.storeBytes(of: channel.bigEndian, toByteOffset: 1, as: UInt16.self)
            frame.storeBytes(of: UInt32(size).bigEndian, toByteOffset: 3, as: UInt32.self)
            frame[7 + size] = UInt8(AMQP_FRAME_END)
            return size + 8
        }
    }

    private func send(_ frame: inout amqp_frame_t) {
        guard failure == nil else { return }
        let status = amqp_send_frame(library.handle, &frame)
        lastWrite = .now
        if status != AMQP_STATUS_OK.rawValue { fail(status) }
    }

    private func fail(_ status: Int32) {
        failure = failure ?? LibraryConnection.failure(status, "writing failed", code: .notConnected)
    }
}
