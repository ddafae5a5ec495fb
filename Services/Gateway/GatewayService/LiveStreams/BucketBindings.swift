/// Which buckets of users this gateway has to hear about, counted by user. A bucket that nobody needs any more stays
/// bound for a while: people reload pages, and a binding costs the broker more than a few events too many. Pure.
struct BucketBindings {
    private struct Bucket {
        var users = 0
        var isBound = false
        var idleSince: ContinuousClock.Instant?
    }

    private var buckets: [Int: Bucket] = [:]

    /// A user of the bucket came. Answers whether it has to be bound now.
    mutating func retain(_ bucket: Int) -> Bool {
        buckets[bucket, default: Bucket()].users += 1
        buckets[bucket]?.idleSince = nil
        return buckets[bucket]?.isBound != true
    }

    /// The broker agreed to the binding.
    mutating func bound(_ bucket: Int) { buckets[bucket]?.isBound = true }

    func isBound(_ bucket: Int) -> Bool { buckets[bucket]?.isBound ?? false }

    /// The last stream of a user of the bucket went.
    mutating func release(_ bucket: Int, now: ContinuousClock.Instant) {
        guard var entry = buckets[bucket] else { return }
        entry.users -= 1
        if entry.users == 0 { entry.idleSince = now }
        buckets[bucket] = entry
    }

    /// Takes out the buckets that nobody has needed for `delay`: they have to be unbound now.
    mutating func expired(after delay: Duration, now: ContinuousClock.Instant) -> [Int] {
        let expired = buckets.filter { $0.value.idleSince.map { now - $0 >= delay } ?? false }.keys.sorted()
        for bucket in expired { buckets[bucket] = nil }
        return expired
    }

    /// Whether somebody needs the bucket.
    func isNeeded(_ bucket: Int) -> Bool { (buckets[bucket]?.users ?? 0) > 0 }
}
