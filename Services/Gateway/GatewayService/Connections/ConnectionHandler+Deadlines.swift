import HTTPTypes
import NIOCore

/// The times by which a connection is judged.
struct ConnectionClock {
    /// When a part of a request, or the end of an answer, went over the connection.
    var lastActivity = NIODeadline.now()
    /// When the head that is awaited began: with its first byte, or with the connection if it is the first; nil between
    /// requests.
    var headBegan: NIODeadline?
    /// Whether a part of that head is there.
    var hasPartOfHead = false
    /// Whether what was just read was part of a request, or completed one.
    fileprivate var hasReceived = false
    fileprivate var lastUnwritten = 0
    fileprivate var timer: Scheduled<Void>?
    fileprivate var due = NIODeadline.distantFuture

    mutating func received(_ now: NIODeadline) {
        lastActivity = now
        headBegan = nil
        hasPartOfHead = false
        hasReceived = true
    }

    mutating func stop() {
        timer?.cancel()
        timer = nil
        due = .distantFuture
    }
}

/// When connections are given up: nobody may hold one by sending nothing, or a little from time to time.
extension ConnectionHandler {
    func watchNewConnection(_ context: ChannelHandlerContext) {
        clock.headBegan = .now()
        watchIdleness(context)
    }

    func watchIdleness(_ context: ChannelHandlerContext) {
        clock.lastActivity = .now()
        guard clock.timer == nil else { return }
        schedule(context)
    }

    /// To be called when what had arrived was read. The parser keeps a head to itself until it is complete, so bytes
    /// without a part of a request are the beginning of one.
    func watchUnfinishedRequest(_ context: ChannelHandlerContext) {
        defer { clock.hasReceived = false }
        if !clock.hasReceived, intake.isIdle {
            clock.hasPartOfHead = true
            clock.headBegan = clock.headBegan ?? .now()
        }
        guard clock.hasPartOfHead || !intake.isBodyComplete, deadline < clock.due else { return }
        clock.stop()
        schedule(context)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        clock.due = deadline
        clock.timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: clock.due) { [weak self] in
            self?.lookAtClock()
        }
    }

    /// When the client has to have gone on; while it has nothing to do, when to look again.
    private var deadline: NIODeadline {
        switch phase {
        case .closing:
            min(clock.lastActivity + shared.idleTimeout, .now() + shared.lingering)
        case .streaming: .distantFuture
        case .serving:
            if !intake.isBodyComplete {
                intake.headArrived + shared.requestTimeout
            } else if intake.isResponding {
                .now() + shared.idleTimeout
            } else if let headBegan = clock.headBegan {
                min(headBegan + shared.requestTimeout, clock.lastActivity + shared.idleTimeout)
            } else {
                clock.lastActivity + shared.idleTimeout
            }
        }
    }

    private func lookAtClock() {
        clock.stop()
        guard let context else { return }
        let unwritten = unwritten(context)
        if unwritten < clock.lastUnwritten { clock.lastActivity = .now() }
        clock.lastUnwritten = unwritten
        switch phase {
        case .streaming: return
        case .closing where unwritten == 0 || isQuiescing: context.close(promise: nil)
        case .closing where clock.lastActivity + shared.idleTimeout <= .now(): context.close(promise: nil)
        case .closing: schedule(context)
        case .serving where deadline > .now(): schedule(context)
        case .serving where !intake.isResponding && (clock.hasPartOfHead || !intake.isBodyComplete):
            refuse(.requestTimeout, context, because: "The request did not arrive in time.")
        case .serving: context.close(promise: nil)
        }
    }

    /// Bytes of answers that the client's machine has not taken.
    func unwritten(_ context: ChannelHandlerContext) -> Int {
        ((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? nil) ?? 0
    }
}
