public import FaultHistory

/// Virtual users of a chat, who speak nothing but HTTP, like browsers, and write down what they do and see.
///
/// ```
/// let workload = Workload(configuration, history: history)
/// try await workload.prepare()
/// async let running: Void = workload.run()
/// …
/// let convergence = await workload.waitUntilConverged(within: .seconds(30))
/// await workload.stop(drainingWithin: .seconds(60))
/// await running
/// ```
public final class Workload: Sendable {
    public let configuration: WorkloadConfiguration
    let history: HistoryWriter

    public init(_ configuration: WorkloadConfiguration, history: HistoryWriter) {
        self.configuration = configuration
        self.history = history
    }

    /// Signs everybody up, at different gateways, and opens the conversations. Insists: the stack may still be starting.
    public func prepare() async throws {}

    /// Lets everybody chat until ``stop(drainingWithin:)`` or cancellation.
    public func run() async {}

    /// No new messages are written; what waits in outboxes is still sent.
    public func pause() {}

    public func resume() {}

    /// Another rate of new messages, of all users together.
    public func setSendsPerSecond(_ rate: Double) {}

    /// From now on every attempt to send is made this many times at once, at different gateways; 1 is one.
    public func setCopies(_ copies: ClosedRange<Int>) {}

    /// Breaks off every tab's stream at once.
    public func reconnectAllTabs() {}

    /// Pauses the writers, waits until every outbox is empty and every tab shows every head as a fresh sync tells it.
    /// The writers stay paused.
    public func waitUntilConverged(within limit: Duration) async -> Convergence { Convergence(behind: []) }

    /// Ends the writing, sends what waits, then ends ``run()``.
    public func stop(drainingWithin limit: Duration) async {}

    /// Opens streams that are read at a byte a second, until cancelled.
    public func readSlowly(streams: Int) async {}

    /// Opens streams that nobody looks at, until cancelled.
    public func holdIdleStreams(_ count: Int) async {}

    /// Sends at full speed or at a given rate from extra senders, until cancelled. These give up what is refused.
    public func flood(_ flood: Flood) async {}

    /// Signs in, again and again, until cancelled.
    public func floodSignIns(atOnce: Int) async {}

    /// What happened so far.
    public var counts: WorkloadCounts { WorkloadCounts() }
}

/// Whether every tab shows everything.
public struct Convergence: Sendable {
    /// What is behind, and why, for people; empty if nothing is.
    public var behind: [String]
    public var isComplete: Bool { behind.isEmpty }
}

/// Extra senders.
public struct Flood: Sendable {
    /// Each has one send in flight at a time.
    public var senders: Int
    /// How many sends start in a second; nil for as many as are answered.
    public var sendsPerSecond: Double?

    public init(senders: Int, sendsPerSecond: Double? = nil) {
        self.senders = senders
        self.sendsPerSecond = sendsPerSecond
    }
}

/// What the users of a workload have seen.
public struct WorkloadCounts: Sendable, Hashable {
    /// Messages that were written.
    public var written = 0
    /// Messages that were acknowledged.
    public var acknowledged = 0
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
