/// When to connect again after an attempt that failed or a connection that broke.
///
/// Every host is tried once before a pause: one that is gone shall not delay the way to the others. A connection that
/// breaks soon is different. The broker has handed out deliveries on it, and counts each return against the limit that
/// protects queues from poison, so these never follow each other without a growing pause.
struct Reconnection {
    /// A connection that lasted longer is a sign of health.
    private let healthyAfter: Duration
    private let hosts: Int
    private var backoff: Backoff
    private var failedSincePause = 0

    init(hosts: Int, delay: ClosedRange<Duration>, healthyAfter: Duration) {
        self.hosts = hosts
        self.healthyAfter = healthyAfter
        backoff = Backoff(limits: delay)
    }

    /// The pause after a host could not be connected to.
    mutating func failed(using generator: inout some RandomNumberGenerator) -> Duration {
        failedSincePause += 1
        return failedSincePause < hosts ? .zero : pause(using: &generator)
    }

    /// The pause after a connection broke that had lasted so long.
    mutating func broke(after life: Duration, using generator: inout some RandomNumberGenerator) -> Duration {
        guard life > healthyAfter else { return pause(using: &generator) }
        backoff.reset()
        failedSincePause = 0
        return failed(using: &generator)
    }

    private mutating func pause(using generator: inout some RandomNumberGenerator) -> Duration {
        failedSincePause = 0
        return backoff.next(using: &generator)
    }
}
