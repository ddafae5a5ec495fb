/// When a lane may try again after a batch that it had to abandon. Pure.
struct LaneHealth: Sendable {
    /// Batches that were abandoned since one was finished.
    private(set) var failures = 0
    /// Whether the last one failed although the database answered: waiting would only hold up the others.
    private var isLasting = false
    /// When the step of the first of them began that failed.
    private var since: ContinuousClock.Instant?
    /// The shards whose commands were requeued since then.
    private var returned: Set<Int> = []

    /// - Parameters:
    ///   - began: when the step began that failed
    ///   - shards: whose commands are requeued with it
    mutating func failed(_ failure: LaneFailure, since began: ContinuousClock.Instant, returning shards: [Int]) {
        failures += 1
        isLasting = if case .lasting = failure { true } else { false }
        since = since ?? began
        returned.formUnion(shards)
    }

    mutating func succeeded() { self = LaneHealth() }

    /// The database answers again: the next time that it does not is another outage.
    mutating func databaseAnswered() {
        since = nil
        returned = []
    }

    /// Those of a lane's shards that are to be requeued because the database, asked just now, did not answer. Another
    /// replica may reach it, and would not be given their commands as long as this one is subscribed. Each is requeued
    /// once, and not before a database that only elects another primary would answer again.
    mutating func returning(of shards: [Int], now: ContinuousClock.Instant) -> [Int] {
        guard let since, now - since >= .seconds(5) else { return [] }
        defer { returned.formUnion(shards) }
        return shards.filter { !returned.contains($0) }
    }

    /// The longest wait before the next try; the actual one is random below it, so that lanes do not try in step.
    var delay: Duration {
        failures == 0 ? .zero : .milliseconds(min(isLasting ? 250 : 5_000, 25 << min(failures, 8)))
    }

    /// How long deliveries are held for a database that does not answer before they are given to somebody else. Each
    /// return counts towards the queue's delivery limit, so the time grows: an outage of hours costs a dozen.
    var patience: Duration { .seconds(min(600, 30 << min(failures, 5))) }
}
