import ChatContracts
public import FaultHistory
import NIOCore
import Synchronization

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
///
/// Whoever makes a workload has to ``stop(drainingWithin:)`` it, whatever happens.
public final class Workload: Sendable {
    public let configuration: WorkloadConfiguration
    let context: RunContext
    private let plan: Plan
    private let state: Mutex<State>
    private let end = Signal()
    private let ended = Signal()

    private struct State {
        var population: Population?
        var isRunning = false
        var isPaused = false
        var isStopped = false
        var rate: Double
        var floods = 0
    }

    public init(_ configuration: WorkloadConfiguration, history: HistoryWriter) {
        precondition(!configuration.gateways.isEmpty && configuration.conversations > 0)
        self.configuration = configuration
        context = RunContext(configuration, history: history)
        plan = Plan(configuration)
        state = Mutex(State(rate: configuration.sendsPerSecond))
    }

    // MARK: The run

    /// Signs everybody up, at different gateways, and opens the conversations. Insists: the stack may still be starting.
    public func prepare() async throws {
        let population = try await Population.settle(plan, context)
        state.withLock { $0.population = population }
    }

    /// Lets everybody chat until ``stop(drainingWithin:)`` or cancellation.
    public func run() async {
        let population = state.withLock { state -> Population? in
            guard !state.isStopped, !state.isRunning, let population = state.population else { return nil }
            state.isRunning = true
            return population
        }
        guard let population else { return }
        await withDiscardingTaskGroup { group in
            for tab in population.tabs { group.addTask { await tab.run() } }
            for outbox in population.outboxes.joined() { group.addTask { await outbox.run() } }
            group.addTask { await self.write(population.outboxes) }
            group.addTask { await self.disturb(population.tabs) }
            addVisitors(population, to: &group)
            await end.wait()
            group.cancelAll()
        }
        ended.send()
    }

    private func addVisitors(_ population: Population, to group: inout DiscardingTaskGroup) {
        for number in 0..<configuration.readers {
            let reader = HistoryReader(context: context, process: "reader-\(number + 1)", rooms: population.rooms)
            group.addTask { await reader.run() }
        }
        for number in 0..<configuration.lateComers {
            let comer = CatchUps(context: context, process: "late-comer-\(number + 1)", rooms: population.rooms)
            group.addTask { await comer.run() }
        }
        func nowAndThen(_ perSecond: Double) -> NowAndThen {
            NowAndThen(
                tabs: population.tabs, perSecond: perSecond,
                isPaused: { self.state.withLock { $0.isPaused || $0.isStopped } })
        }
        let reports = PositionReports(context: context, pace: nowAndThen(configuration.positionsPerSecond))
        group.addTask { await reports.run() }
        let choices = SettingsChoices(context: context, pace: nowAndThen(configuration.settingsPerSecond))
        group.addTask { await choices.run() }
        for (number, members) in population.groups.enumerated() {
            let life = GroupLife(
                context: context, people: members.people, others: members.others, number: number + 1,
                isPaused: { self.state.withLock { $0.isPaused || $0.isStopped } })
            group.addTask { await life.run() }
        }
        if let interval = configuration.signUpRaceInterval {
            let races = SignUpRaces(context: context, interval: interval)
            group.addTask { await races.run() }
        }
        if let interval = configuration.visitInterval {
            let visits = Visits(context: context, hosts: population.hosts, interval: interval)
            group.addTask { await visits.run() }
        }
        if let interval = configuration.strangerInterval {
            let stranger = Stranger(
                browser: population.stranger, conversations: population.rooms.map(\.conversation),
                interval: interval)
            group.addTask { await stranger.run() }
        }
    }

    /// Writes line after line, each when its time has come.
    private func write(_ outboxes: [[Outbox]]) async {
        var lines = LineGenerator(configuration, conversations: outboxes.count)
        var due = ContinuousClock.now
        while !Task.isCancelled {
            let (isPaused, rate) = state.withLock { ($0.isPaused || $0.isStopped, $0.rate) }
            guard !isPaused, rate > 0 else {
                try? await Task.sleep(for: .milliseconds(20))
                due = .now
                continue
            }
            let line = lines.next()
            due += .seconds(line.delay / rate)
            // Who was held up for long does not write everything at once.
            due = max(due, .now - .seconds(1))
            if due > .now { try? await Task.sleep(until: due) }
            guard !Task.isCancelled, !state.withLock({ $0.isPaused || $0.isStopped }) else { continue }
            outboxes[line.conversation][line.writer].write(line.draft)
        }
    }

    /// Breaks streams off and loads pages anew, now and then.
    private func disturb(_ tabs: [Tab]) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            guard !state.withLock({ $0.isPaused || $0.isStopped }) else { continue }
            for tab in tabs {
                if Double.random(in: 0..<1) < configuration.reloadShare / 2 {
                    tab.reload()
                } else if Double.random(in: 0..<1) < configuration.reconnectShare / 2 {
                    tab.breakOff()
                }
            }
        }
    }

    /// Ends the writing, sends what waits, then ends ``run()``.
    public func stop(drainingWithin limit: Duration) async {
        let (isFirst, isRunning, population) = state.withLock { state in
            defer { state.isStopped = true }
            return (!state.isStopped, state.isRunning, state.population)
        }
        guard isFirst else { return }
        if isRunning, let population {
            let deadline = ContinuousClock.now + limit
            while Self.waiting(population) > 0, .now < deadline, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        end.send()
        if isRunning { await ended.wait() }
        await context.web.shutdown()
    }

    private static func waiting(_ population: Population) -> Int {
        population.outboxes.joined().reduce(0) { $0 + $1.count }
    }

    // MARK: Steering

    /// Everybody, once they are prepared.
    var population: Population? { state.withLock { $0.population } }

    /// No new messages are written; what waits in outboxes is still sent.
    public func pause() { state.withLock { $0.isPaused = true } }

    public func resume() { state.withLock { $0.isPaused = false } }

    /// Another rate of new messages, of all users together.
    public func setSendsPerSecond(_ rate: Double) { state.withLock { $0.rate = rate } }
    public var sendsPerSecond: Double { state.withLock { $0.rate } }

    /// From now on every attempt to send is made this many times at once, at different gateways; 1 is one.
    public func setCopies(_ copies: ClosedRange<Int>) { context.copies = copies }

    /// Breaks off every tab's stream at once.
    public func reconnectAllTabs() { population?.tabs.forEach { $0.breakOff() } }

    /// What happened so far.
    public var counts: WorkloadCounts { context.counts }

    /// Messages that wait in outboxes.
    public var waiting: Int { population.map(Self.waiting) ?? 0 }

    // MARK: Convergence

    /// Pauses the writers, waits until every outbox is empty and every tab shows every head as a fresh sync tells it.
    /// The writers stay paused.
    public func waitUntilConverged(within limit: Duration) async -> Convergence {
        pause()
        guard let population else { return Convergence(behind: ["not prepared"]) }
        let check = ConvergenceCheck(context: context, population: population)
        let deadline = ContinuousClock.now + limit
        var behind: [String] = []
        repeat {
            behind = await check.behind()
            if behind.isEmpty { return Convergence(behind: []) }
            try? await Task.sleep(for: .milliseconds(250))
        } while ContinuousClock.now < deadline && !Task.isCancelled
        return Convergence(behind: behind)
    }

    // MARK: Worse clients

    /// Opens streams that are read at a byte a second, until cancelled.
    public func readSlowly(streams: Int) async { await holdStreams(streams, .slow) }

    /// Opens streams that nobody looks at, until cancelled.
    public func holdIdleStreams(_ count: Int) async { await holdStreams(count, .idle) }

    private func holdStreams(_ count: Int, _ manner: RawStream.Manner) async {
        guard let hosts = population?.hosts else { return }
        await withDiscardingTaskGroup { group in
            for number in 0..<count {
                let host = hosts[number % hosts.count]
                group.addTask {
                    var backoff = Backoff(first: .milliseconds(500), limit: .seconds(5))
                    var turn = number
                    while !Task.isCancelled {
                        // A gateway that ends such a stream does right; it is opened again.
                        _ = try? await RawStream.hold(
                            manner, at: self.context.gateway(turn), cookie: host.session.cookie,
                            group: self.context.web.group,
                            connectTimeout: TimeAmount(self.configuration.connectTimeout))
                        turn += 1
                        try? await Task.sleep(for: backoff.next())
                    }
                }
            }
        }
    }

    /// Sends at full speed or at a given rate from extra senders, until cancelled. These give up what is refused.
    public func flood(_ flood: Flood) async {
        let (population, number) = state.withLock { state in
            state.floods += 1
            return (state.population, state.floods)
        }
        guard let population else { return }
        await FloodSenders(context: context, flood: flood, rooms: population.rooms, number: number).run()
    }

    /// Signs in, again and again, until cancelled.
    public func floodSignIns(atOnce: Int) async {
        await SignInFlood(context: context, atOnce: atOnce, usernames: plan.usernames).run()
    }
}

/// Something that happens once and that many may wait for.
private final class Signal: Sendable {
    private let state = Mutex<(isSent: Bool, waiters: [Int: CheckedContinuation<Void, Never>], next: Int)>(
        (false, [:], 0))

    func send() {
        let waiters = state.withLock { state in
            state.isSent = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it has happened or the task is cancelled.
    func wait() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isSent || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
