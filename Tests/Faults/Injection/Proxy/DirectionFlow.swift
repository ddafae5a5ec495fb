import NIOCore

/// One direction of one connection: what came waits here until it may go on. Knows nothing of sockets and clocks.
struct DirectionFlow {
    enum Step: Equatable {
        case deliver(ByteBuffer, delayed: Bool)
        /// The sender has said all.
        case end
        case wait(until: NIODeadline)
        case reset(lost: Int)
        case cut(lost: Int)
        case stalled
        /// The receiver is to be told that nothing more comes, although the sender goes on.
        case halfClose(lost: Int)
        case discard(Int)
        case idle
    }

    private struct Piece {
        var bytes: ByteBuffer?
        var due: NIODeadline
        var delayed: Bool
    }

    private enum Phase {
        case flowing
        case stalled
        case discarding
        case over
    }

    private var toxics: Toxics
    private var remaining: Int?
    private var pieces = CircularBuffer<Piece>()
    private var lastDue = NIODeadline.uptimeNanoseconds(0)
    private var phase = Phase.flowing
    /// How many bytes wait.
    private(set) var waiting = 0

    init(_ toxics: Toxics, using random: inout some RandomNumberGenerator) {
        self.toxics = toxics
        remaining = toxics.ending.map { Int.random(in: $0.after, using: &random) }
    }

    /// From now on other things happen to what passes. What waited for the old ones goes on at once.
    mutating func change(to toxics: Toxics, using random: inout some RandomNumberGenerator) {
        self.toxics = toxics
        remaining = toxics.ending.map { Int.random(in: $0.after, using: &random) }
        lastDue = .uptimeNanoseconds(0)
        for index in pieces.indices { pieces[index].due = lastDue }
        if phase == .stalled { phase = .flowing }
    }

    mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline, using random: inout some RandomNumberGenerator) {
        waiting += bytes.readableBytes
        var rest = bytes
        let largest = toxics.bytesPerSecond.map { max(1, $0 / 20) } ?? Int.max
        while let piece = rest.readSlice(length: min(largest, rest.readableBytes)), piece.readableBytes > 0 {
            let due = dueTime(of: piece.readableBytes, at: now, using: &random)
            pieces.append(Piece(bytes: piece, due: due, delayed: due > now))
        }
    }

    mutating func receiveEnd(at now: NIODeadline, using random: inout some RandomNumberGenerator) {
        pieces.append(Piece(bytes: nil, due: dueTime(of: 0, at: now, using: &random), delayed: false))
    }

    private mutating func dueTime(
        of length: Int, at now: NIODeadline, using random: inout some RandomNumberGenerator
    ) -> NIODeadline {
        var due = now + TimeAmount(toxics.latency)
        if toxics.jitter > .zero {
            due = due + .nanoseconds(.random(in: 0...TimeAmount(toxics.jitter).nanoseconds, using: &random))
        }
        if let rate = toxics.bytesPerSecond {
            due = max(due, lastDue) + .nanoseconds(Int64(length) * 1_000_000_000 / Int64(max(1, rate)))
        }
        lastDue = max(due, lastDue)
        return lastDue
    }

    /// The next thing to do.
    mutating func next(at now: NIODeadline) -> Step {
        switch phase {
        case .stalled, .over: return .idle
        case .discarding:
            guard waiting > 0 else { return .idle }
            defer { empty() }
            return .discard(waiting)
        case .flowing: break
        }
        guard let piece = pieces.first else { return .idle }
        guard piece.due <= now else { return .wait(until: piece.due) }
        guard let bytes = piece.bytes else {
            pieces.removeFirst()
            phase = .over
            return .end
        }
        guard let left = remaining, let ending = toxics.ending, bytes.readableBytes > left else {
            pieces.removeFirst()
            waiting -= bytes.readableBytes
            remaining = remaining.map { $0 - bytes.readableBytes }
            return .deliver(bytes, delayed: piece.delayed)
        }
        if left > 0, ending.kind != .cut {
            var rest = bytes
            let prefix = rest.readSlice(length: left) ?? ByteBuffer()
            pieces[pieces.startIndex].bytes = rest
            waiting -= left
            remaining = 0
            return .deliver(prefix, delayed: piece.delayed)
        }
        return interrupt(ending.kind)
    }

    private mutating func interrupt(_ kind: Toxics.Ending.Kind) -> Step {
        let lost = waiting
        switch kind {
        case .stall:
            phase = .stalled
            return .stalled
        case .reset:
            phase = .over
            empty()
            return .reset(lost: lost)
        case .cut:
            phase = .over
            empty()
            return .cut(lost: lost)
        case .halfClose:
            phase = .discarding
            empty()
            return .halfClose(lost: lost)
        }
    }

    private mutating func empty() {
        waiting = 0
        pieces.removeAll()
    }
}
