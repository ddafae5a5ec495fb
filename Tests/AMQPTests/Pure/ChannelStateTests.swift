import Testing

@testable import AMQP

@Suite("The state of a channel")
struct ChannelStateTests {
    private let now = ContinuousClock.now

    private func openChannel() throws -> ChannelState<String> {
        var state = ChannelState<String>()
        state.opening(deadline: now)
        _ = try state.receive(.channelOpenOK)
        return state
    }

    @Test func `matches answers to requests in order`() throws {
        var state = ChannelState<String>()
        state.opening(deadline: now)
        state.requested(.queueDeclare, token: "declare", deadline: now + .seconds(1))
        state.requested(.qos, token: "qos", deadline: now + .seconds(2))
        #expect(state.phase == .opening)
        _ = try state.receive(.channelOpenOK)
        #expect(state.phase == .open)
        #expect(state.deadline == now + .seconds(1))
        guard
            case .answered("declare"?, _) = try state.receive(
                .queueDeclareOK(name: "q", messages: 0, consumers: 0)),
            case .answered("qos"?, _) = try state.receive(.qosOK)
        else {
            Issue.record("the answers were not matched")
            return
        }
        #expect(!state.isBusy)
        #expect(state.deadline == nil)
    }

    @Test func `takes an answer to another request as a broken protocol`() throws {
        var state = try openChannel()
        state.requested(.qos, token: nil, deadline: now)
        #expect(throws: ProtocolViolation.self) { try state.receive(.consumeOK(tag: "c")) }
    }

    @Test func `blames the oldest request when the broker closes the channel`() throws {
        var state = try openChannel()
        for token in ["a", "b", "c"] { state.requested(.queueBind, token: token, deadline: now) }
        let reason = CloseReason(code: 404, text: "no exchange", classID: 50, methodID: 20)
        guard case .closedByBroker(reason, "a"?, ["b", "c"]) = try state.receive(.channelClose(reason)) else {
            Issue.record("the wrong request was blamed")
            return
        }
        #expect(state.phase == .closed)
    }

    @Test func `blames no request for a publication or acknowledgement`() throws {
        var state = try openChannel()
        state.requested(.queueBind, token: "a", deadline: now)
        let reason = CloseReason(code: 406, text: "unknown delivery tag", classID: 60, methodID: 80)
        guard case .closedByBroker(_, nil, ["a"]) = try state.receive(.channelClose(reason)) else {
            Issue.record("a request was blamed")
            return
        }
    }

    @Test func `passes everything over while closing, and can open again`() throws {
        var state = try openChannel()
        state.requested(.qos, token: "qos", deadline: now)
        state.closing(deadline: now)
        guard case .ignored = try state.receive(.ack(tag: 1, multiple: false)),
            case .closeCrossed = try state.receive(.channelClose(CloseReason(code: 404, text: "x"))),
            case .closed(["qos"]) = try state.receive(.channelCloseOK)
        else {
            Issue.record("closing went wrong")
            return
        }
        state.opening(deadline: now)
        #expect(state.phase == .opening)
    }

    @Test func `hands unanswered requests back when the connection is gone`() throws {
        var state = try openChannel()
        state.requested(.qos, token: "a", deadline: now)
        state.requested(.consume, token: "b", deadline: now)
        #expect(state.disconnected() == ["a", "b"])
        #expect(state.phase == .closed)
    }

    @Test func `postpones deadlines but never brings them forward`() throws {
        var state = try openChannel()
        state.requested(.qos, token: nil, deadline: now + .seconds(1))
        state.postpone(to: now)
        #expect(state.deadline == now + .seconds(1))
        state.postpone(to: now + .seconds(9))
        #expect(state.deadline == now + .seconds(9))
    }
}
