/// The peer broke the protocol; the connection cannot be used any more.
struct ProtocolViolation: Error, Equatable {
    var message: String
}

/// Puts the frames of one channel together: a method, and for those that carry content its header and body.
///
/// Pure: frames go in, complete methods come out. Each channel has its own, because frames of different channels may
/// interleave.
struct FrameAssembler {
    /// A method with its content, if it carries one.
    enum Assembled: Equatable {
        case method(IncomingMethod)
        case content(IncomingMethod, AMQPMessage)
    }

    private enum State {
        case idle
        case awaitingHeader(IncomingMethod)
        case awaitingBody(IncomingMethod, AMQPProperties, missing: Int, body: [UInt8])
    }

    /// Memory set aside on the word of a header; longer bodies grow as they come.
    private static let trustedSize = 16 * 1024 * 1024

    private let maximumBodySize: UInt64
    private var state = State.idle

    init(maximumBodySize: Int = 256 * 1024 * 1024) {
        self.maximumBodySize = UInt64(maximumBodySize)
    }

    mutating func receive(_ method: IncomingMethod) throws(ProtocolViolation) -> Assembled? {
        switch (state, method) {
        case (.idle, .deliver), (.idle, .returned):
            state = .awaitingHeader(method)
            return nil
        case (.idle, _):
            return .method(method)
        case (_, .channelClose), (_, .channelCloseOK):
            state = .idle
            return .method(method)
        default:
            throw ProtocolViolation(message: "a method where the content of another was due")
        }
    }

    mutating func receive(
        header properties: AMQPProperties, bodySize: UInt64
    ) throws(ProtocolViolation) -> Assembled? {
        guard case .awaitingHeader(let method) = state else {
            throw ProtocolViolation(message: "a content header without a method")
        }
        guard bodySize <= maximumBodySize else {
            throw ProtocolViolation(message: "a body of \(bodySize) bytes is over the limit")
        }
        if bodySize == 0 {
            state = .idle
            return .content(method, AMQPMessage(properties: properties, body: []))
        }
        state = .awaitingBody(method, properties, missing: Int(bodySize), body: [])
        return nil
    }

    mutating func receive(body fragment: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Assembled? {
        guard case .awaitingBody(let method, let properties, let missing, var body) = state else {
            throw ProtocolViolation(message: "a body without a header")
        }
        state = .idle
        guard fragment.count <= missing else {
            throw ProtocolViolation(message: "a body longer than its header said")
        }
        if fragment.count == missing && body.isEmpty {
            return .content(method, AMQPMessage(properties: properties, body: [UInt8](fragment)))
        }
        if body.isEmpty { body.reserveCapacity(min(missing, Self.trustedSize)) }
        body.append(contentsOf: fragment)
        if fragment.count == missing {
            return .content(method, AMQPMessage(properties: properties, body: body))
        }
        state = .awaitingBody(method, properties, missing: missing - fragment.count, body: body)
        return nil
    }
}
