/// Queues that take messages and confirm none, while the broker confirms those of other queues. Pure.
///
/// A quorum queue whose leader does not answer is one. Whatever is sent there waits for its confirm until it is given
/// up, and RabbitMQ stops reading from a channel that has some three dozen publications under way in one such queue. So
/// nothing more goes there but one message each second that finds out whether it is well again.
struct SilentQueues: Sendable {
    static let pause: Duration = .seconds(1)

    /// When the next message may be tried.
    private var nextTry: [String: ContinuousClock.Instant] = [:]

    var isEmpty: Bool { nextTry.isEmpty }

    /// A publication to the queue was not confirmed in time, although others were.
    mutating func noteSilence(of queue: String, at now: ContinuousClock.Instant) {
        nextTry[queue] = now + Self.pause
    }

    /// The queue has confirmed or refused a publication.
    mutating func noteAnswer(of queue: String) { nextTry[queue] = nil }

    /// Whether to send the queue another message now.
    mutating func admits(_ queue: String, at now: ContinuousClock.Instant) -> Bool {
        guard let next = nextTry[queue] else { return true }
        guard next <= now else { return false }
        nextTry[queue] = now + Self.pause
        return true
    }
}
