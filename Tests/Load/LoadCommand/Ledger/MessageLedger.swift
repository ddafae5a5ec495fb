import ChatContracts

/// Every message of a run: when it was sent, what was answered, on which streams it came. Counts what must not happen.
struct MessageLedger: Sendable {
    /// What the promises forbid.
    struct Violations: Sendable, Equatable, Codable {
        /// Acknowledged messages, for each stream that never showed them.
        var lost = 0
        /// Messages that were sent once and that a stream showed twice, or that have two numbers.
        var doubled = 0
        /// Messages that a stream showed after ones with higher numbers.
        var disordered = 0
        /// Numbers that a stream never showed, of messages that were not acknowledged either.
        var missing = 0
        /// Events for messages that nobody has sent, or for another message's number.
        var contradicted = 0

        var count: Int { lost + doubled + disordered + missing + contradicted }
    }

    private struct Entry {
        var sentAt: Int64
        var sender: Int32
        var seq: Int64 = 0
        var isAcknowledged = false
        var wasRepeated = false
        /// On how many streams it was shown.
        var arrivals: Int32 = 0
    }

    /// The high half of all client message ids of the run.
    let run: UInt64
    /// How many streams show each message: two, or those of all members of a group.
    private let streams: Int
    private var entries: [Entry] = []
    /// For each message a bit for each stream: shown there, or fetched by a sync.
    private var shown: [UInt64] = []
    private var fetched: [UInt64] = []
    private var found = Violations()
    private(set) var acknowledged = 0
    private(set) var delivered = 0
    /// Events that came again and that clients ignore by their number: their message was sent more than once, or a sync
    /// had fetched it before its event came.
    private(set) var ignored = 0
    /// Acknowledged messages with all arrivals.
    private var settled = 0

    /// - Parameter streams: two for conversations of two people; for a group that all people of the run are in, their number
    init(run: UInt64, streams: Int = 2) {
        self.run = run
        self.streams = streams
    }

    var sent: Int { entries.count }
    /// Acknowledged messages that a stream still has to show.
    var unsettled: Int { acknowledged - settled }

    mutating func reserve(_ count: Int) { entries.reserveCapacity(count) }

    /// Words of bits for each message.
    private var words: Int { (streams + 63) / 64 }

    /// The bit of a person's stream: of two people the sender has the second one.
    private func bit(of person: Int, _ index: Int) -> (word: Int, mask: UInt64) {
        let place = streams == 2 ? (entries[index].sender == Int32(person) ? 1 : 0) : person
        return (index * words + place / 64, 1 << UInt64(place % 64))
    }

    /// - Parameters:
    ///   - time: nanoseconds: when it is sent, or was to be sent
    ///   - sender: the person who sends it
    /// - Returns: the low half of its client message id
    mutating func send(at time: Int64, by sender: Int) -> Int {
        entries.append(Entry(sentAt: time, sender: Int32(sender)))
        shown += repeatElement(0, count: words)
        fetched += repeatElement(0, count: words)
        return entries.count - 1
    }

    /// The same message is sent once more, with the same id.
    mutating func sendAgain(_ index: Int) { entries[index].wasRepeated = true }

    func id(of index: Int) -> ClientMessageID { ClientMessageID(high: run, low: UInt64(index)) }

    /// - Returns: when the message was sent; nil if it was acknowledged before
    mutating func acknowledge(_ index: Int, seq: Int64) -> Int64? {
        check(index, seq)
        guard !entries[index].isAcknowledged else { return nil }
        entries[index].isAcknowledged = true
        acknowledged += 1
        if entries[index].arrivals == Int32(streams) { settled += 1 }
        return entries[index].sentAt
    }

    /// A message came on a person's stream, or in a sync.
    /// - Returns: when it was sent, at its first arrival at somebody else; nil otherwise
    mutating func arrive(_ message: MessageFields, at person: Int, order: StreamOrder.Arrival, isFetched: Bool = false)
        -> Int64?
    {
        if order == .late { found.disordered += 1 }
        guard message.id.high == run else {
            // Of an earlier run. Such a one has waited until all of its own had come.
            found.contradicted += 1
            return nil
        }
        guard message.id.low < UInt64(entries.count) else {
            found.contradicted += 1
            return nil
        }
        let index = Int(message.id.low)
        check(index, message.seq)
        let (word, mask) = bit(of: person, index)
        guard shown[word] & mask == 0 else {
            if entries[index].wasRepeated || fetched[word] & mask != 0 {
                ignored += 1
            } else {
                found.doubled += 1
            }
            return nil
        }
        // The stream has had this number, but for another message.
        if order == .again { found.contradicted += 1 }
        shown[word] |= mask
        entries[index].arrivals += 1
        if isFetched { fetched[word] |= mask }
        if entries[index].isAcknowledged, entries[index].arrivals == Int32(streams) { settled += 1 }
        guard entries[index].sender != Int32(person) else { return nil }
        delivered += 1
        return entries[index].sentAt
    }

    /// All violations, when nothing more is expected.
    /// - Parameter missing: numbers that are left out in the streams
    func violations(missing: Int) -> Violations {
        var all = found
        for entry in entries where entry.isAcknowledged { all.lost += streams - Int(entry.arrivals) }
        all.missing = max(0, missing - all.lost)
        return all
    }

    private mutating func check(_ index: Int, _ seq: Int64) {
        if entries[index].seq == 0 {
            entries[index].seq = seq
        } else if entries[index].seq != seq {
            found.doubled += 1
        }
    }
}
