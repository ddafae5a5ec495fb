/// When a lane may try again after a batch that it had to abandon. Pure.
struct LaneHealth: Sendable {
    /// Batches that were abandoned since one was finished.
    private(set) var failures = 0
    /// Whether the last one failed although the database answered: waiting would only hold up the others.
    private var isLasting = false

    mutating func failed(_ failure: LaneFailure) {
        failures += 1
        isLasting = if case .lasting = failure { true } else { false }
    }

    mutating func succeeded() { failures = 0 }

    /// The longest wait before the next try; the actual one is random below it, so that lanes do not try in step.
    var delay: Duration {
        failures == 0 ? .zero : .milliseconds(min(isLasting ? 250 : 5_000, 25 << min(failures, 8)))
    }

    /// How long deliveries are held for a database that does not answer before they are given to somebody else. Each
    /// return counts towards the queue's delivery limit, so the time grows: an outage of hours costs a dozen.
    var patience: Duration { .seconds(min(600, 30 << min(failures, 5))) }
}
