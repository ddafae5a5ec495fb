/// Collects the acknowledgements of one subscription and says them in as few methods as possible.
///
/// Pure. Delivery tags of a channel count from 1. A tag is settled at most once: an acknowledgement of an unknown or
/// settled tag would make the broker close the channel.
struct AcknowledgementCoalescer {
    enum Settlement: Equatable {
        case ack(tag: UInt64, multiple: Bool)
        case reject(tag: UInt64, requeue: Bool)
    }

    /// Everything up to here is settled.
    private var watermark: UInt64 = 0
    private var highestDelivered: UInt64 = 0
    /// To be acknowledged with the next flush.
    private var pending: Set<UInt64> = []
    /// Settled above the watermark.
    private var settled: Set<UInt64> = []
    private var rejections: [(tag: UInt64, requeue: Bool)] = []

    var hasPending: Bool { !pending.isEmpty || !rejections.isEmpty }

    /// Whether all that was delivered is settled, and the broker knows.
    var isSettled: Bool { watermark == highestDelivered && !hasPending }

    mutating func delivered(_ tag: UInt64) { highestDelivered = max(highestDelivered, tag) }

    mutating func acknowledge(_ tag: UInt64) {
        guard isOpen(tag) else { return }
        pending.insert(tag)
    }

    mutating func acknowledge(through tag: UInt64) {
        guard tag <= highestDelivered, tag > watermark else { return }
        for tag in (watermark + 1)...tag where isOpen(tag) { pending.insert(tag) }
    }

    mutating func reject(_ tag: UInt64, requeue: Bool) {
        guard isOpen(tag), !pending.contains(tag) else { return }
        settled.insert(tag)
        rejections.append((tag, requeue))
    }

    /// What to tell the broker now.
    mutating func flush() -> [Settlement] {
        guard hasPending else { return [] }
        var settlements: [Settlement] = []
        for rejection in rejections { settlements.append(.reject(tag: rejection.tag, requeue: rejection.requeue)) }
        rejections.removeAll()
        var last: UInt64?
        var count = 0
        while watermark < highestDelivered {
            let next = watermark + 1
            if pending.remove(next) != nil {
                last = next
                count += 1
            } else if settled.remove(next) == nil {
                break
            }
            watermark = next
        }
        if let last { settlements.append(.ack(tag: last, multiple: count > 1)) }
        for tag in pending.sorted() {
            settlements.append(.ack(tag: tag, multiple: false))
            settled.insert(tag)
        }
        pending.removeAll()
        return settlements
    }

    private func isOpen(_ tag: UInt64) -> Bool {
        tag > watermark && tag <= highestDelivered && !settled.contains(tag)
    }
}
