import DequeModule

/// The life of one channel: which requests were written and wait for their answers, and whether it is usable.
///
/// Pure. The broker answers the requests of a channel in order, so requests may follow each other without waiting.
/// When it closes the channel, the oldest unanswered request is the culprit and all later ones were not looked at.
struct ChannelState<Token> {
    enum Phase: Equatable {
        case closed, opening, open
        /// `channel.close` was written; everything but its answer is passed over.
        case closing
    }

    enum Reaction {
        /// The method is the answer to a request.
        case answered(Token?, IncomingMethod)
        /// The broker closed the channel: write `channel.close-ok`. A culprit is only named when the closed method
        /// is a request.
        case closedByBroker(CloseReason, culprit: Token?, unseen: [Token])
        /// The broker agreed to close.
        case closed(unanswered: [Token])
        /// Write `channel.close-ok`; nothing else changes.
        case closeCrossed
        /// Not an answer; somebody else's.
        case unsolicited(IncomingMethod)
        case ignored
    }

    private struct Request {
        var reply: IncomingMethod.Reply
        var token: Token?
        var deadline: ContinuousClock.Instant
    }

    private(set) var phase = Phase.closed
    private var requests = Deque<Request>()
    private var closeDeadline: ContinuousClock.Instant?

    /// When the oldest answer is overdue.
    var deadline: ContinuousClock.Instant? { phase == .closing ? closeDeadline : requests.first?.deadline }

    /// Whether answers are outstanding.
    var isBusy: Bool { !requests.isEmpty || phase == .closing }

    /// What the unanswered requests were made with, oldest first.
    var tokens: [Token] { requests.compactMap(\.token) }

    /// Notes that `channel.open` was written.
    mutating func opening(deadline: ContinuousClock.Instant) {
        precondition(phase == .closed)
        phase = .opening
        requests.append(Request(reply: .channelOpen, token: nil, deadline: deadline))
    }

    /// Notes a request as written.
    mutating func requested(_ reply: IncomingMethod.Reply, token: Token?, deadline: ContinuousClock.Instant) {
        precondition(phase == .opening || phase == .open)
        requests.append(Request(reply: reply, token: token, deadline: deadline))
    }

    /// Notes that `channel.close` was written.
    mutating func closing(deadline: ContinuousClock.Instant) {
        precondition(phase == .opening || phase == .open)
        phase = .closing
        closeDeadline = deadline
    }

    mutating func receive(_ method: IncomingMethod) throws(ProtocolViolation) -> Reaction {
        switch (phase, method) {
        case (.closing, .channelCloseOK):
            phase = .closed
            closeDeadline = nil
            return .closed(unanswered: requests.takeAll().compactMap(\.token))
        case (.closing, .channelClose):
            return .closeCrossed
        case (.closing, _):
            return .ignored
        case (.closed, .channelCloseOK):
            return .ignored
        case (.closed, .channelClose):
            return .closeCrossed
        case (.closed, _):
            throw ProtocolViolation(message: "a method on a channel that is not open")
        case (_, .channelClose(let reason)):
            phase = .closed
            let all = requests.takeAll()
            // 60,40 is basic.publish, 60,80 and 60,90 are acknowledgements: not the fault of any request.
            let blamesRequest = !(reason.classID == 60 && [40, 80, 90, 120].contains(reason.methodID))
            guard blamesRequest, let first = all.first else {
                return .closedByBroker(reason, culprit: nil, unseen: all.compactMap(\.token))
            }
            return .closedByBroker(reason, culprit: first.token, unseen: all.dropFirst().compactMap(\.token))
        case (_, .channelCloseOK):
            throw ProtocolViolation(message: "channel.close-ok without channel.close")
        default:
            guard let reply = method.reply else { return .unsolicited(method) }
            guard let request = requests.popFirst(), request.reply == reply else {
                throw ProtocolViolation(message: "an answer to a request that was not made: \(reply)")
            }
            if reply == .channelOpen { phase = .open }
            return .answered(request.token, method)
        }
    }

    /// Gives the broker until `deadline` for everything outstanding, because it did not read for a while.
    mutating func postpone(to deadline: ContinuousClock.Instant) {
        for offset in requests.indices { requests[offset].deadline = max(requests[offset].deadline, deadline) }
        if let closing = closeDeadline { closeDeadline = max(closing, deadline) }
    }

    /// The connection is gone.
    /// - Returns: the requests without an answer.
    mutating func disconnected() -> [Token] {
        phase = .closed
        closeDeadline = nil
        return requests.takeAll().compactMap(\.token)
    }
}
