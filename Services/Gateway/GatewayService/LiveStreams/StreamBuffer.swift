import NIOCore

/// What waits to be written to one live stream. Bounded: when too much waits, all of it is dropped, and the client is
/// told once to sync instead. Pure: knows neither tasks nor clocks.
struct StreamBuffer {
    struct Limits: Sendable {
        var frames = 64
        var bytes = 262_144
    }

    enum Offer: Equatable {
        case queued
        /// The buffer was full; what waited is dropped too.
        case overflowed(dropped: Int)
        /// A resync is due anyway, which covers this as well.
        case covered
        /// The stream has ended.
        case refused
    }

    private enum State: Equatable {
        case open
        /// Frames were dropped; a resync takes their place.
        case resyncDue
        /// Ends after what waits is written.
        case ending
        case ended
    }

    private let limits: Limits
    private var state = State.open
    private var frames: [ByteBuffer] = []
    private var bytes = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether nothing waits to be written.
    var isEmpty: Bool { frames.isEmpty && state != .resyncDue }

    /// Whether ``take()`` would answer `wait`.
    var isIdle: Bool { state == .open && frames.isEmpty }

    /// Whether nothing will be written any more.
    var isOver: Bool { state == .ended }

    mutating func offer(_ frame: ByteBuffer) -> Offer {
        switch state {
        case .ending, .ended: return .refused
        case .resyncDue: return .covered
        case .open: break
        }
        guard frames.count < limits.frames, bytes + frame.readableBytes <= limits.bytes else {
            let dropped = frames.count + 1
            drop()
            state = .resyncDue
            return .overflowed(dropped: dropped)
        }
        frames.append(frame)
        bytes += frame.readableBytes
        return .queued
    }

    /// The client has to sync; what waits is covered by that. Answers whether this is news.
    mutating func requireResync() -> Bool {
        guard state == .open else { return false }
        drop()
        state = .resyncDue
        return true
    }

    /// Refuses further frames; what waits is still written, and `last` after it.
    mutating func finish(_ last: ByteBuffer?) {
        guard state == .open || state == .resyncDue else { return }
        if let last { frames.append(last) }
        state = .ending
    }

    /// Ends at once; what waits is dropped.
    mutating func abort() {
        drop()
        state = .ended
    }

    enum Take {
        case frames([ByteBuffer])
        /// Nothing to do; ask again after the next change.
        case wait
        case end
    }

    /// What to write next.
    mutating func take() -> Take {
        switch state {
        case .ended: return .end
        case .resyncDue:
            state = .open
            return .frames([ServerSentEvent.resync])
        case .open where frames.isEmpty: return .wait
        case .ending where frames.isEmpty:
            state = .ended
            return .end
        case .open, .ending:
            defer { drop() }
            return .frames(frames)
        }
    }

    private mutating func drop() {
        frames.removeAll()
        bytes = 0
    }
}
