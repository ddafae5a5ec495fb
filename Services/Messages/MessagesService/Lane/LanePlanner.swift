import ChatContracts

/// Decides what a lane does with the commands of its shards: a pure state machine, without clock, input or output.
///
/// The rules that it keeps, whatever it is told:
/// - One batch, and in it one step, is in flight at a time; a shard's commands are therefore stored in their order.
/// - Numbers are `head + 1…` of what was read or stored last. The unique indexes decide whether that was still true;
///   if not, the conversation is read again and the rest is planned anew.
/// - Nothing is answered before it is stored, and nothing is acknowledged before it is answered and its events are
///   confirmed (or owed as a `resync`).
/// - A command that fails for a reason of its own, whenever it is tried, is dead-lettered in the end, alone.
/// - After a step with an unknown outcome nothing is answered or acknowledged; the commands come again, and what was
///   stored of them is found by the look-up that every redelivered command gets.
///
/// Feed it with ``observe(_:shard:)`` at any time. When idle, form a batch with ``begin(now:)`` and ask for its first step
/// with ``firstStep(of:)``; take the step, give the outcome to ``advance(_:with:)``, and so on until the decision is
/// `finish` or `abandon`.
struct LanePlanner<Handle: Sendable>: Sendable {
    struct Bounds: Sendable {
        /// The most commands of one batch.
        var batch = 256
        /// The most times that one batch is planned again before it is abandoned.
        var rounds = 64
        /// How often a command that fails by itself is tried again. Well below what the queue allows, because each
        /// time the commands behind it come again, too.
        var tries = 10
        /// How often it is tried again while a command waits behind it that was itself returned ``tries`` times. The broker
        /// need not keep the order of what is returned, so several such commands can come to stand before the same one,
        /// one after the other.
        var triesBeforeWorn = 2
        /// The conversations that are remembered between batches.
        var conversations = 20_000
        /// The most memberships of a group that are remembered with it.
        var members = 256
        /// The most messages that are counted at once to move a read position. A longer way takes several steps.
        var counted: Int64 = 20_000
        /// Milliseconds between messages within which a conversation counts as busy.
        var busyWithin: Int64 = 2_000
        /// Milliseconds after which a summary that is behind is brought up to date.
        var catchUpAfter: Int64 = 1_000
        /// The most messages that a summary is behind.
        var mostBehind: Int64 = 256
        /// The most conversations whose summaries may be behind.
        var mostOpen = 10_000
        /// The most of them that one batch looks at.
        var mostDue = 64
        /// Tells the marks of this lane from those of others.
        var mark = Int64.random(in: .min ... .max)
    }

    /// What a shard's subscription reports.
    enum Observation: Sendable {
        case subscribed
        case deliveries([LaneDelivery<Handle>])
        /// All deliveries of the subscription are void; they will come again, here or elsewhere.
        case lost
    }

    let bounds: Bounds
    private let shards: [Int]
    private var buffers: [Int: ShardBuffer<Handle>]
    /// Where the next batch starts to collect, so that a busy shard does not starve the others.
    private var turn = 0
    private var cache: ConversationCache
    private var open: OpenSummaries
    /// Whether something happened during the batch after which its conclusions must not be remembered.
    private var forgetsBatch = false

    init(shards: [Int], bounds: Bounds = Bounds()) {
        self.shards = shards
        self.bounds = bounds
        buffers = Dictionary(uniqueKeysWithValues: shards.map { ($0, ShardBuffer<Handle>()) })
        cache = ConversationCache(capacity: bounds.conversations)
        open = OpenSummaries(interval: bounds.catchUpAfter)
    }

    /// Deliveries that wait for a batch.
    var waiting: Int { buffers.values.reduce(0) { $0 + $1.count } }

    /// When summaries have to be brought up to date, also if nothing else is to be done; nil if none is behind.
    var nextVisit: Timestamp? { open.nextVisit }

    mutating func observe(_ observation: Observation, shard: Int) {
        switch observation {
        case .deliveries(let deliveries):
            buffers[shard]?.append(deliveries)
            return
        case .subscribed: buffers[shard]?.subscribed()
        case .lost: buffers[shard]?.lost()
        }
        // Another consumer may have written since, which the indexes would tell at the price of a lost insertion.
        cache.removeAll()
        open.removeAll()
        forgetsBatch = true
    }

    /// Forms the next batch. Nil if nothing waits and no summary is due.
    ///
    /// A command that was returned twice or more is a batch by itself: should it be the one that takes the consumer
    /// down, its neighbours are done and acknowledged before it.
    mutating func begin(now: Timestamp) -> LaneBatch<Handle>? {
        var items: [LaneBatch<Handle>.Item] = []
        collecting: for offset in shards.indices {
            let shard = shards[(turn + offset) % shards.count]
            while items.count < bounds.batch, let next = buffers[shard]?.next {
                let isSuspect = next.deliveryCount >= 2
                if isSuspect, !items.isEmpty { break }
                guard let delivery = buffers[shard]?.takeNext(), let epoch = buffers[shard]?.epoch else { break }
                items.append(
                    .init(delivery: delivery, epoch: epoch, response: delivery.command.refusal))
                if isSuspect { break collecting }
            }
        }
        let due = open.takeDue(now: now, atMost: bounds.mostDue)
        guard !items.isEmpty || !due.isEmpty else { return nil }
        if !items.isEmpty { turn = (turn + 1) % shards.count }
        return begin(now: now, items: items, due: due)
    }

    /// Brings summaries up to date and takes the marks away, before the lane ends. Nil if none is left.
    mutating func beginClosing(now: Timestamp) -> LaneBatch<Handle>? {
        let due = open.takeDue(now: nil, atMost: bounds.batch)
        return due.isEmpty ? nil : begin(now: now, items: [], due: due, closesAll: true)
    }

    private mutating func begin(
        now: Timestamp, items: [LaneBatch<Handle>.Item], due: [ConversationID], closesAll: Bool = false
    ) -> LaneBatch<Handle> {
        forgetsBatch = false
        var batch = LaneBatch(
            now: now, items: items,
            rules: SummaryRules(
                mark: bounds.mark, busyWithin: bounds.busyWithin, mostBehind: bounds.mostBehind,
                mayOpen: open.count < bounds.mostOpen, closesAll: closesAll))
        batch.due = due
        batch.conversations = recall(for: batch)
        return batch
    }

    /// What is to be done first for a batch that was just formed.
    mutating func firstStep(of batch: inout LaneBatch<Handle>) -> LaneDecision<Handle> { next(&batch) }

    /// Takes the outcome of the step that was asked for last.
    mutating func advance(_ batch: inout LaneBatch<Handle>, with outcome: LaneOutcome) -> LaneDecision<Handle> {
        switch outcome {
        case .loaded(let result): batch.absorb(result)
        case .opened: batch.absorbOpened()
        case .written(let write): batch.absorb(write)
        case .updated(let matched): batch.absorbUpdated(matched: matched)
        case .published(let confirmed): batch.wasConfirmed = confirmed
        case .deadLettered: break
        case .failed(let failure): return giveUp(&batch, failure)
        }
        if batch.rounds > bounds.rounds {
            return giveUp(
                &batch, .lasting("What is stored contradicts itself: \(batch.rounds) plans in a row were refused."))
        }
        return next(&batch)
    }

    private mutating func next(_ batch: inout LaneBatch<Handle>) -> LaneDecision<Handle> {
        if batch.isPoison { return .finish(LaneCompletion()) }
        if let step = nextStep(&batch) { return .step(step) }
        remember(batch)
        return .finish(batch.completion(where: isCurrent))
    }

    /// The one place that orders the phases. Each looks at what is known, not at what was done, so that whatever a
    /// conflict has made unknown again is simply done again.
    private func nextStep(_ batch: inout LaneBatch<Handle>) -> LaneStep<Handle>? {
        if let step = batch.stepToLoad() { return step }
        batch.answerStoredMessages()
        return batch.stepToOpen() ?? batch.stepToWrite()
            ?? batch.stepToUpdate(countingAtMost: bounds.counted) ?? batch.stepToPublish()
            ?? batch.stepToDeadLetter(where: isCurrent) ?? batch.stepToCatchUp()
    }

    /// What is remembered of the batch's conversations.
    private mutating func recall(
        for batch: LaneBatch<Handle>
    ) -> [ConversationID: LaneBatch<Handle>.Working] {
        var conversations: [ConversationID: LaneBatch<Handle>.Working] = [:]
        for id in batch.due { conversations[id] = remembered(id) }
        var unremembered: Set<ConversationID> = []
        for item in batch.items where item.response == nil {
            guard let id = item.delivery.command.conversation, !unremembered.contains(id) else { continue }
            if case .open = item.delivery.command {
                // Its answer shows the newest message, which is not remembered.
                unremembered.insert(id)
                conversations[id] = nil
            } else if conversations[id] == nil {
                conversations[id] = remembered(id)
            }
        }
        return conversations
    }

    private mutating func remembered(_ id: ConversationID) -> LaneBatch<Handle>.Working? {
        if let summary = open[id] { return .init(state: summary.state, last: summary.last, isFresh: false) }
        return cache.state(of: id).map { .init(state: $0, last: nil, isFresh: false) }
    }

    private func isCurrent(_ item: LaneBatch<Handle>.Item) -> Bool {
        buffers[item.delivery.shard]?.epoch == item.epoch
    }

    private mutating func remember(_ batch: LaneBatch<Handle>) {
        guard !forgetsBatch else { return }
        // In an order of its own, so that a simulation goes the same way each time.
        for id in batch.conversations.keys.sorted() {
            guard var working = batch.conversations[id] else { continue }
            working.state.forgetMembers(beyond: bounds.members)
            if working.state.isOpen {
                open.keep(working.state, last: working.last, now: batch.now)
            } else {
                open.forget(working.state.id)
                // Who is a stranger counts as of the first message.
                if working.state.head > 0 || working.state.group != nil { cache.remember(working.state) }
            }
        }
    }

    /// A command that was a batch by itself, failed for a reason of its own, and has done so often enough, is dead-lettered
    /// before it takes its neighbours beyond what the queue allows. Everything else comes again.
    private mutating func giveUp(
        _ batch: inout LaneBatch<Handle>, _ failure: LaneFailure
    ) -> LaneDecision<Handle> {
        if case .lasting(let reason) = failure, let item = batch.items.first, batch.items.count == 1,
            isCurrent(item), item.delivery.deliveryCount >= tries(on: item.delivery.shard)
        {
            batch.isPoison = true
            return .step(
                .deadLetterPoison(
                    LaneRejection(
                        handle: item.delivery.handle,
                        reason: "It failed \(item.delivery.deliveryCount + 1) times. \(reason)")))
        }
        return abandon(batch, failure)
    }

    private func tries(on shard: Int) -> Int {
        let isWorn = buffers[shard]?.mostReturns ?? 0 >= bounds.tries
        return isWorn ? bounds.triesBeforeWorn : bounds.tries
    }

    private mutating func abandon(_ batch: LaneBatch<Handle>, _ failure: LaneFailure) -> LaneDecision<Handle> {
        let touched = Set(batch.items.map(\.delivery.shard))
        for shard in touched { buffers[shard]?.awaitSubscription() }
        cache.removeAll()
        open.removeAll()
        return .abandon(shards: touched.sorted(), failure)
    }
}
