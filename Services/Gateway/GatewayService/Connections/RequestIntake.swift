import NIOCore
import NIOHTTP1

/// The requests of one connection, one at a time: collects the parts of a request until it can be answered, and keeps
/// what the client sends beyond it for later. Pure.
struct RequestIntake {
    enum Action {
        case wait
        case respond(HTTPRequestHead, ByteBuffer)
        /// The client sends more than anybody would read, or too slowly.
        case close
    }

    /// Parts that may wait for the answers before them. No browser sends a second request early.
    static let longestQueue = 256

    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var bodyBytes = 0
    private(set) var headArrived: NIODeadline = .distantPast
    /// From the head of a request to the end of its body.
    private let bodyTime: TimeAmount
    /// Nil while nothing waits, which is nearly always: an empty one would be a kilobyte for each connection.
    private var waiting: CircularBuffer<HTTPServerRequestPart>?

    /// Whether a request was handed out and is not answered yet.
    private(set) var isResponding = false
    /// Whether all of the request has arrived.
    private(set) var isBodyComplete = true

    init(bodyTime: TimeAmount) { self.bodyTime = bodyTime }

    /// Whether no request is in progress.
    var isIdle: Bool { head == nil && !isResponding && isBodyComplete }

    /// Whether the client has to do something next.
    var waitsForClient: Bool { !isResponding || !isBodyComplete }

    /// Whether more has arrived than can be worked on, so that reading has to pause.
    var isFull: Bool { waiting != nil }

    /// Bytes of the body of a request that has not arrived completely.
    var collectedBytes: Int { body.readableBytes }

    mutating func receive(_ part: HTTPServerRequestPart, now: NIODeadline) -> Action {
        guard waiting == nil, !isResponding || !isBodyComplete else {
            waiting = waiting ?? CircularBuffer()
            waiting?.append(part)
            return waiting?.count ?? 0 > Self.longestQueue ? .close : .wait
        }
        return take(part, now: now)
    }

    private mutating func take(_ part: HTTPServerRequestPart, now: NIODeadline) -> Action {
        switch part {
        case .head(let head):
            self.head = head
            bodyBytes = 0
            headArrived = now
            isBodyComplete = false
            // Its response will say that it is too large; nobody has to wait for it.
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            return length > RequestLimits.bodyBytes ? handOut() : .wait
        case .body(var part):
            bodyBytes += part.readableBytes
            let isLate = now - headArrived > bodyTime
            guard !isLate, bodyBytes <= RequestLimits.discardedBodyBytes else { return .close }
            guard !isResponding else { return .wait }
            if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
            return bodyBytes > RequestLimits.bodyBytes ? handOut() : .wait
        case .end:
            isBodyComplete = true
            return isResponding ? .wait : handOut()
        }
    }

    /// The request that was handed out is answered.
    mutating func responded() { isResponding = false }

    /// What follows from parts that came early; to be asked after each response.
    mutating func next(now: NIODeadline) -> Action {
        while let part = waiting?.popFirst() {
            if waiting?.isEmpty ?? false { waiting = nil }
            switch take(part, now: now) {
            case .wait: continue
            case let action: return action
            }
        }
        return .wait
    }

    private mutating func handOut() -> Action {
        guard let head = head.take() else { return .close }
        isResponding = true
        let whole = body
        body = ByteBuffer()
        return .respond(head, whole)
    }
}
