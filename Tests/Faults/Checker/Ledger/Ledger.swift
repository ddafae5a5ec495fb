import FaultHistory

/// A history in the order in which questions are asked of it: one pass over the records fills it.
///
/// Texts are numbers here and records are line numbers, so that hours of history fit into memory.
struct Ledger: Sendable {
    var symbols = SymbolTable()
    var last = Moment(line: 0, at: 0)

    var operations: [Operation] = []
    private var operationOfNumber: [Int64: Int32] = [:]
    var messages: [SentMessage] = []
    private(set) var messageOfKey: [MessageKey: Int32] = [:]
    var contents: [Content] = []
    private(set) var numberOfContent: [Content: Int32] = [:]
    /// The different states of messages; the first is ``EntryState/unaltered``.
    var states: [EntryState] = [.unaltered]
    var numberOfState: [EntryState: Int32] = [.unaltered: 0]
    var sightings: [Sighting] = []
    var changes: [RequestedChange] = []
    var changeOfID: [Symbol: Int32] = [:]
    var changesOfEntry: [EntryKey: [Int32]] = [:]
    /// Where somebody asked for a change; everywhere else every number is a message.
    var conversationsWithChanges: Set<Symbol> = []
    var conflicts: [Conflict] = []
    var catchUps: [CatchUp] = []
    var feeds: [FeedKey: [FeedEntry]] = [:]
    var tabs: [Symbol: Tab] = [:]
    /// As whom each process syncs.
    var users: [Symbol: Symbol] = [:]
    var syncs: [Sync] = []
    var pages: [Page] = []
    var positions: [Position] = []
    var choices: [Choice] = []
    var groups = GroupRecords()
    var signUps: [Entrance] = []
    var signIns: [Entrance] = []
    var revocations: [Revocation] = []
    var refusals: [Refusal] = []
    /// The highest seq that was seen, over time.
    var horizons: [Symbol: Horizon] = [:]
    /// The highest number of any change that was seen, over time.
    var heads: [Symbol: Horizon] = [:]
    /// When each message was first seen.
    var births: [Symbol: [Int64: Moment]] = [:]
    /// For messages that were seen changed: the number of their last change, over time.
    var revisions: [EntryKey: Horizon] = [:]

    var steps: [(step: FaultStep, moment: Moment)] = []
    var poisons: [(poison: Poison, moment: Moment)] = []
    var counters: [(values: Measurement, moment: Moment)] = []
    var gauges: [(values: Measurement, moment: Moment)] = []
    var limits: [String: Double] = [:]
    var loads: [(factor: Double, moment: Moment)] = []
    var gapsHealed: [Moment] = []
    var resyncs: [Moment] = []

    /// What every tab showed, in an order that does not change from one reading to the next.
    var feedsInOrder: [(key: FeedKey, value: [FeedEntry])] {
        feeds.sorted { ($0.key.tab, $0.key.conversation) < ($1.key.tab, $1.key.conversation) }
    }

    /// When each session was surely over: the earliest acknowledgement of its ending.
    var endOfSession: [Symbol: Moment] {
        var ends: [Symbol: Moment] = [:]
        for revocation in revocations {
            let operation = operations[Int(revocation.operation)]
            guard operation.outcome == .acknowledged, let answered = operation.answered else { continue }
            for session in revocation.sessions {
                if let known = ends[session], known < answered { continue }
                ends[session] = answered
            }
        }
        return ends
    }

    mutating func begin(
        _ number: Int64, _ ask: Operation.Ask, by process: Symbol, session: String?, entry: Int, at moment: Moment
    ) throws(CheckError) -> Int32 {
        let index = Int32(operations.count)
        guard operationOfNumber.updateValue(index, forKey: number) == nil else {
            throw .malformed(line: Int(moment.line), reason: "operation \(number) was invoked before")
        }
        operations.append(
            Operation(
                ask: ask, invoked: moment, process: process, session: session.map { symbols.symbol($0) } ?? -1,
                entry: Int32(entry)))
        return index
    }

    /// Notes how an operation ended.
    mutating func end(
        _ number: Int64, _ outcome: Operation.Outcome, as ask: Operation.Ask?, at moment: Moment
    ) throws(CheckError) -> Int32 {
        guard let index = operationOfNumber[number] else {
            throw .malformed(line: Int(moment.line), reason: "operation \(number) was never invoked")
        }
        let operation = operations[Int(index)]
        guard operation.outcome == .open else {
            throw .malformed(line: Int(moment.line), reason: "operation \(number) already has a result")
        }
        guard ask == nil || ask == operation.ask else {
            throw .malformed(line: Int(moment.line), reason: "operation \(number) is of another kind")
        }
        operations[Int(index)].outcome = outcome
        operations[Int(index)].answered = moment
        return index
    }

    mutating func message(
        _ key: MessageKey, hash: Symbol, replyTo: Int64?, process: Symbol, at moment: Moment
    ) -> Int {
        if let known = messageOfKey[key] { return Int(known) }
        messageOfKey[key] = Int32(messages.count)
        messages.append(SentMessage(key: key, hash: hash, replyTo: replyTo, process: process, invoked: moment))
        return messages.count - 1
    }

    mutating func content(_ content: Content) -> Int32 {
        if let known = numberOfContent[content] { return known }
        let new = Int32(contents.count)
        numberOfContent[content] = new
        contents.append(content)
        return new
    }

    /// Notes that a message was seen; returns its index.
    mutating func see(
        conversation: Symbol, _ seen: SeenMessage, by process: Symbol, _ source: Sighting.Source, at moment: Moment
    ) -> Int32 {
        let content = content(
            Content(
                sender: symbols.symbol(seen.sender), id: symbols.symbol(seen.id), hash: symbols.symbol(seen.hash)))
        let index = Int32(sightings.count)
        sightings.append(
            Sighting(
                conversation: conversation, seq: seen.seq, rev: seen.rev, content: content, state: state(seen.state),
                moment: moment, process: process, source: source))
        raiseHorizons(conversation, seen, at: moment)
        return index
    }

    /// The message that a sighting is of, if anybody ever tried to send it.
    func message(of sighting: Sighting) -> SentMessage? {
        let content = contents[Int(sighting.content)]
        let key = MessageKey(conversation: sighting.conversation, sender: content.sender, id: content.id)
        return messageOfKey[key].map { messages[Int($0)] }
    }
}
