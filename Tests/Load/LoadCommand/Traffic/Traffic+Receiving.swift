import ChatContracts
import NIOCore

extension Traffic {
    func streamed(_ event: StreamEvent, at index: Int) {
        switch event {
        case .message(let message):
            if receivers[index].isSyncing {
                receivers[index].held.append(message)
            } else {
                show(message, at: index)
            }
        case .alive:
            receivers[index].signs += 1
            guard !receivers[index].isLive else { return }
            receivers[index].isLive = true
            if receivers[index].isSyncing { cameBack(index) }
        case .resync: counters.resyncs += 1
        case .goodbye: ended("the gateway is stopping")
        case .other: break
        }
    }

    /// What a stream brings, or a sync has found.
    func show(_ message: MessageFields, at index: Int, isFetched: Bool = false) {
        guard let order = receivers[index].orders[message.conversation]?.arrive(message.seq) else {
            return ended("a stream showed a conversation that nobody here has written to")
        }
        guard let sentAt = ledger.arrive(message, at: index, order: order, isFetched: isFetched) else { return }
        let time = now()
        if isMeasured(time) { counters.delivered += 1 }
        if isMeasured(sentAt) { counters.endToEnd.record(time - sentAt) }
        counters.second.delivered += 1
        counters.second.endToEnd.record(time - sentAt)
    }

    /// What is sent or done between the two moments counts.
    func measure(from begin: Int64, to end: Int64) {
        measuredFrom = begin
        measuredTo = end
    }

    func isMeasured(_ time: Int64) -> Bool { time >= measuredFrom && time < measuredTo }

    /// The last second's figures for people; they begin anew.
    func takeSecond() throws -> TrafficCounters.Second {
        if let failure { throw LoadError(failure) }
        defer { counters.second = .init() }
        return counters.second
    }
}
