import Glibc
import NIOCore

/// A connection through a proxy: two channels on one event loop, each handing what it hears to the other.
final class ProxiedConnection {
    private static let largestBacklog = 256 * 1024

    private struct Direction {
        var flow: DirectionFlow
        var source: any Channel
        var sink: any Channel
        var timer: Scheduled<Void>?
        var reading = false
    }

    private let ledger: ProxyLedger
    private let loop: any EventLoop
    private var random = SystemRandomNumberGenerator()
    private var directions: [ProxyDirection: Direction] = [:]
    private var finished: Set<ProxyDirection> = []
    private var ended = false
    var whenEnded: () -> Void = {}

    init(client: any Channel, server: any Channel, conditions: ProxyConditions, ledger: ProxyLedger) {
        self.ledger = ledger
        loop = client.eventLoop
        directions[.requests] = Direction(
            flow: DirectionFlow(conditions.requests, using: &random), source: client, sink: server)
        directions[.answers] = Direction(
            flow: DirectionFlow(conditions.answers, using: &random), source: server, sink: client)
    }

    func begin() {
        for direction in ProxyDirection.allCases { advance(direction) }
    }

    func change(to conditions: ProxyConditions) {
        directions[.requests]?.flow.change(to: conditions.requests, using: &random)
        directions[.answers]?.flow.change(to: conditions.answers, using: &random)
        begin()
    }

    func received(_ bytes: ByteBuffer, from direction: ProxyDirection) {
        directions[direction]?.reading = false
        directions[direction]?.flow.receive(bytes, at: .now(), using: &random)
        advance(direction)
    }

    func receivedEnd(from direction: ProxyDirection) {
        directions[direction]?.flow.receiveEnd(at: .now(), using: &random)
        advance(direction)
    }

    func becameWritable(_ direction: ProxyDirection) { advance(direction) }

    /// One of the channels is gone. If it had been told that nothing more comes, it has just said the same; otherwise
    /// neither side can be served any longer.
    func wentAway(_ direction: ProxyDirection) {
        if finished.contains(direction.opposite) { receivedEnd(from: direction) } else { breakOff() }
    }

    /// Resets both sides.
    func breakOff() { end(resetting: true) }

    private func advance(_ direction: ProxyDirection) {
        while !ended {
            guard let sink = directions[direction]?.sink, sink.isWritable || !sink.isActive else { return }
            guard let step = directions[direction]?.flow.next(at: .now()) else { return }
            switch step {
            case .deliver(let bytes, let delayed):
                ledger.delivered(bytes.readableBytes, direction, delayed: delayed)
                sink.writeAndFlush(bytes, promise: nil)
            case .end:
                sink.close(mode: .output, promise: nil)
                directions[direction]?.timer?.cancel()
                directions[direction]?.timer = nil
                finishIfBothEnded(direction)
                return
            case .wait(let due):
                schedule(direction, at: due)
                return read(direction)
            case .reset(let lost):
                ledger.note {
                    $0.resets += 1; $0.lostBytes += lost
                }
                end(resetting: true)
            case .cut(let lost):
                ledger.note {
                    $0.cuts += 1; $0.lostBytes += lost
                }
                end(resetting: false)
            case .stalled:
                ledger.note { $0.stalls += 1 }
                return
            case .halfClose(let lost):
                ledger.note {
                    $0.halfCloses += 1; $0.lostBytes += lost
                }
                sink.close(mode: .output, promise: nil)
            case .discard(let lost):
                ledger.note { $0.lostBytes += lost }
            case .idle:
                return read(direction)
            }
        }
    }

    private func finishIfBothEnded(_ direction: ProxyDirection) {
        finished.insert(direction)
        if finished.count == ProxyDirection.allCases.count { end(resetting: false) }
    }

    private func schedule(_ direction: ProxyDirection, at due: NIODeadline) {
        directions[direction]?.timer?.cancel()
        directions[direction]?.timer = loop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.advance(direction)
        }
    }

    private func read(_ direction: ProxyDirection) {
        guard let state = directions[direction], !state.reading, !finished.contains(direction) else { return }
        guard state.flow.waiting < Self.largestBacklog else { return }
        directions[direction]?.reading = true
        state.source.read()
    }

    private func end(resetting: Bool) {
        guard !ended else { return }
        ended = true
        for state in directions.values {
            state.timer?.cancel()
            if resetting { state.source.closeWithReset() } else { state.source.close(promise: nil) }
        }
        directions.removeAll()
        whenEnded()
    }
}

/// Which way bytes go: from the client to the server, or back.
enum ProxyDirection: CaseIterable, Sendable {
    case requests
    case answers

    var opposite: ProxyDirection { self == .requests ? .answers : .requests }
}

extension Channel {
    /// Ends the connection in a way that the other end cannot mistake for an orderly one.
    func closeWithReset() {
        guard let options = self as? any SocketOptionProvider else { return close(promise: nil) }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.close(promise: nil) }
    }
}
