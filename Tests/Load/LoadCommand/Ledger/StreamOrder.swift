/// The order in which one stream shows one conversation: numbers have to go up by one.
struct StreamOrder: Sendable {
    enum Arrival: Equatable {
        case next
        /// So many numbers were left out; they may still come.
        case ahead(by: Int64)
        /// A number that was left out before.
        case late
        case again
    }

    /// The highest number so far.
    private(set) var last: Int64
    private var leftOut: Set<Int64> = []

    init(after last: Int64) { self.last = last }

    /// Numbers that have not come although higher ones have.
    var missing: Int { leftOut.count }

    mutating func arrive(_ seq: Int64) -> Arrival {
        if seq == last + 1 {
            last = seq
            return .next
        }
        if seq > last {
            let count = seq - last - 1
            // A stream that is so far ahead is broken in a way that needs no list.
            for number in (last + 1)..<min(seq, last + 100_000) { leftOut.insert(number) }
            last = seq
            return .ahead(by: count)
        }
        return leftOut.remove(seq) == nil ? .again : .late
    }
}
