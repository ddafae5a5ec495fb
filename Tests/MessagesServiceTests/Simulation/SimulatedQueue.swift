import ChatContracts

@testable import MessagesService

/// What the broker and a lane use to speak of one delivery.
struct SimulatedHandle: Sendable, Hashable {
    var shard: Int
    /// The subscription that it was delivered to.
    var subscription: Int
    /// Counts the deliveries of the queue.
    var tag: Int
    /// The command, whichever delivery it is.
    var entry: Int
}

/// A quorum queue with a single active consumer: returned commands come again and are counted; the next consumer may be
/// made active while the last one is still at work.
struct SimulatedQueue {
    struct Entry {
        var command: LaneCommand
        /// The command's number in the history; several entries may be tries of one.
        var operation: Int
        var returns = 0
    }

    let shard: Int
    private(set) var entries: [Entry] = []
    /// Subscriptions in the order of their registration; the first is the active one.
    private(set) var subscriptions: [Int] = []
    private var ready: [Int] = []
    /// In the order of delivery.
    private var unsettled: [SimulatedHandle] = []
    private var tag = 0

    init(shard: Int) { self.shard = shard }

    var isDone: Bool { ready.isEmpty && unsettled.isEmpty }

    mutating func publish(_ command: LaneCommand, operation: Int) {
        ready.append(entries.count)
        entries.append(Entry(command: command, operation: operation))
    }

    mutating func subscribe(_ subscription: Int) { subscriptions.append(subscription) }

    /// Requeues what the subscription held: in order and before everything else, as a good broker does, or at the end.
    mutating func end(_ subscription: Int, inOrder: Bool) {
        subscriptions.removeAll { $0 == subscription }
        let returned = unsettled.filter { $0.subscription == subscription }.map(\.entry)
        unsettled.removeAll { $0.subscription == subscription }
        for entry in returned { entries[entry].returns += 1 }
        ready = inOrder ? returned + ready : ready + returned
    }

    /// The next commands for the active consumer.
    mutating func deliver(atMost limit: Int, prefetch: Int) -> (subscription: Int, [LaneDelivery<SimulatedHandle>])? {
        guard let active = subscriptions.first else { return nil }
        let room = prefetch - unsettled.count { $0.subscription == active }
        let taken = ready.prefix(max(0, min(limit, room)))
        guard !taken.isEmpty else { return nil }
        var deliveries: [LaneDelivery<SimulatedHandle>] = []
        for entry in taken {
            tag += 1
            let handle = SimulatedHandle(shard: shard, subscription: active, tag: tag, entry: entry)
            unsettled.append(handle)
            deliveries.append(
                LaneDelivery(
                    handle: handle, shard: shard, command: entries[entry].command,
                    redelivered: entries[entry].returns > 0, deliveryCount: entries[entry].returns))
        }
        ready.removeFirst(taken.count)
        return (active, deliveries)
    }

    /// The entries that this settles: none if the subscription is over.
    mutating func settle(_ handle: SimulatedHandle, andEarlier: Bool) -> [Int] {
        let settled = unsettled.filter {
            $0.subscription == handle.subscription && (andEarlier ? $0.tag <= handle.tag : $0.tag == handle.tag)
        }
        unsettled.removeAll { settled.contains($0) }
        return settled.map(\.entry)
    }
}
