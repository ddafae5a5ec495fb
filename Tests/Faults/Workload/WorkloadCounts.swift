/// What the users of a workload have seen.
public struct WorkloadCounts: Sendable, Hashable {
    /// Messages that were written.
    public var written = 0
    /// Messages that were acknowledged.
    public var acknowledged = 0
    /// Changes of messages that were acknowledged.
    public var changed = 0
    /// Edits that somebody else was faster than.
    public var conflicts = 0
    /// Attempts that were refused and surely not carried out.
    public var refused = 0
    /// Attempts with an unknown outcome.
    public var unknown = 0
    /// Messages that nobody wrote because too many waited already.
    public var withheld = 0
    public var connects = 0
    public var disconnects = 0
    public var gapsHealed = 0
    public var resyncs = 0
    /// Sessions that were refused although nobody had ended them.
    public var unexpectedSignOuts = 0
}
