/// Whether a queue confirms nothing, while the broker confirms what goes to others. Pure.
///
/// A quorum queue whose leader gets nothing done is such a one. Whatever is sent there waits for its confirm until it is
/// given up, so nothing more goes there but one message each second that finds out whether it is well again.
struct Silence: Sendable {
    static let pause: Duration = .seconds(1)
    /// What was seen longer ago says nothing any more.
    static let memory: Duration = .seconds(10)

    private struct Signs {
        var nextTry: ContinuousClock.Instant
        var last: ContinuousClock.Instant
    }

    private var signs: Signs?

    var isOver: Bool { signs == nil }

    /// A publication to the queue was not confirmed in time, although others were.
    mutating func note(at now: ContinuousClock.Instant) {
        signs = Signs(nextTry: signs?.nextTry ?? now + Self.pause, last: now)
    }

    /// The queue has confirmed or refused a publication.
    mutating func end() { signs = nil }

    /// Whether to send the queue a message now.
    mutating func admitsOne(at now: ContinuousClock.Instant) -> Bool {
        guard let signs, now - signs.last <= Self.memory else {
            end()
            return true
        }
        guard signs.nextTry <= now else { return false }
        self.signs?.nextTry = now + Self.pause
        return true
    }
}
