import DequeModule

/// The deliveries of one shard that wait for a batch, in order. Bounded by the prefetch of its subscription.
struct ShardBuffer<Handle: Sendable>: Sendable {
    /// Counts the subscriptions; a delivery of an earlier one can no longer be acknowledged.
    private(set) var epoch = 0
    /// False after a batch was abandoned, until the queue delivers afresh: what arrives in between is void.
    private(set) var isSubscribed = true
    private var items: Deque<LaneDelivery<Handle>> = []

    var count: Int { items.count }
    var next: LaneDelivery<Handle>? { items.first }
    /// How often the delivery was returned that was returned most often; 0 if none waits.
    var mostReturns: Int { items.reduce(0) { max($0, $1.deliveryCount) } }

    mutating func append(_ deliveries: [LaneDelivery<Handle>]) {
        if isSubscribed { items.append(contentsOf: deliveries) }
    }

    mutating func takeNext() -> LaneDelivery<Handle>? { items.popFirst() }

    mutating func subscribed() {
        discard()
        isSubscribed = true
    }

    mutating func lost() { discard() }

    mutating func awaitSubscription() {
        discard()
        isSubscribed = false
    }

    private mutating func discard() {
        epoch += 1
        items.removeAll(keepingCapacity: true)
    }
}
