import Synchronization

/// Whether the service can really do its work, asked of its checks.
///
/// All checks run at the same time, each with a deadline, and their results are cached for a moment, so that frequent probes do
/// not become a load of their own.
public final class Readiness: Sendable {
    private struct State {
        var checks: [ReadinessCheck] = []
        var isStarting = false
        var drainingSince: ContinuousClock.Instant?
        /// The result, and when it was obtained.
        var latest: (at: ContinuousClock.Instant, conditions: [Condition])?
        /// The round of checks that is running; callers that arrive meanwhile share its result.
        var round: Task<[Condition], Never>?
        /// Checks that did not come back: they are not asked again until they do.
        var overdue: Set<String> = []
    }

    /// What one check found.
    public struct Condition: Sendable, Hashable, Codable {
        public var name: String
        /// Nil if all is well.
        public var reason: String?
        public var isReady: Bool { reason == nil }
    }

    /// Everything that decides whether the service is ready.
    public struct Report: Sendable, Hashable {
        public var isDraining: Bool
        public var conditions: [Condition]
        public var isReady: Bool { !isDraining && conditions.allSatisfy(\.isReady) }
    }

    private let state = Mutex(State())
    private let deadline: Duration
    private let lifetime: Duration

    /// - Parameters:
    ///   - deadline: What each check may take.
    ///   - lifetime: How long a result is cached.
    public init(deadline: Duration = .seconds(2), lifetime: Duration = .seconds(1)) {
        self.deadline = deadline
        self.lifetime = lifetime
    }

    /// Adds a condition.
    ///
    /// - Precondition: No other check has the same name.
    public func add(_ check: ReadinessCheck) {
        state.withLock { state in
            precondition(!state.checks.contains { $0.name == check.name }, "two checks are named \(check.name)")
            state.checks.append(check)
            state.latest = nil
        }
    }

    /// Adds a condition whose `reason` is nil if all is well.
    public func add(_ name: String, reason: @escaping @Sendable () async -> String?) {
        add(ReadinessCheck(name, reason: reason))
    }

    /// Not ready, whatever the checks say, until ``endStarting()``.
    func beginStarting() { state.withLock { $0.isStarting = true } }

    func endStarting() { state.withLock { $0.isStarting = false } }

    /// Not ready from now on: the service is about to stop. Waiting callers get a result at once.
    public func beginDraining() {
        let round = state.withLock { state in
            state.drainingSince = state.drainingSince ?? .now
            return state.round
        }
        round?.cancel()
    }

    public var isDraining: Bool { drainingSince != nil }

    /// When it began to drain.
    var drainingSince: ContinuousClock.Instant? { state.withLock { $0.drainingSince } }

    /// What the checks say now, or said a moment ago.
    public func report() async -> Report {
        let conditions = await conditions()
        return state.withLock { state in
            let starting = state.isStarting ? [Condition(name: "start", reason: "not finished")] : []
            return Report(isDraining: state.drainingSince != nil, conditions: starting + conditions)
        }
    }

    private func conditions() async -> [Condition] {
        enum Next {
            case known([Condition])
            case round(Task<[Condition], Never>)
        }
        let next: Next = state.withLock { state in
            if let latest = state.latest, latest.at.duration(to: .now) < lifetime { return .known(latest.conditions) }
            if let round = state.round { return .round(round) }
            let checks = state.checks
            let round = Task { await self.askAll(checks) }
            state.round = round
            return .round(round)
        }
        switch next {
        case .known(let conditions): return conditions
        case .round(let round): return await round.value
        }
    }

    private func askAll(_ checks: [ReadinessCheck]) async -> [Condition] {
        let conditions = await withTaskGroup(of: (Int, Condition).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, Condition(name: check.name, reason: await self.ask(check))) }
            }
            var conditions = checks.map { Condition(name: $0.name, reason: "not asked") }
            for await (index, condition) in group { conditions[index] = condition }
            return conditions
        }
        state.withLock { state in
            state.round = nil
            // A check that was added meanwhile has not been asked.
            if state.checks.count == checks.count { state.latest = (.now, conditions) }
        }
        return conditions
    }

    /// Never waits longer than the deadline, even for a check that does not notice its cancellation.
    private func ask(_ check: ReadinessCheck) async -> String? {
        let late = "no result within \(deadline.settingText)"
        guard state.withLock({ $0.overdue.insert(check.name).inserted }) else { return late }
        let first = FirstResponse()
        let question = Task {
            let reason = await check.reason()
            self.state.withLock { _ = $0.overdue.remove(check.name) }
            first.give(reason)
        }
        let timer = Task { [deadline] in
            guard (try? await Task.sleep(for: deadline)) != nil else { return }
            first.give(late)
            question.cancel()
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            first.give("no result before the end")
            question.cancel()
        }
    }
}

/// The first of several results of one check.
private final class FirstResponse: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<String?, Never>)
        case given(String?)
    }

    private let state = Mutex(State.open)

    func give(_ reason: String?) {
        let continuation: CheckedContinuation<String?, Never>? = state.withLock { state in
            switch state {
            case .given: return nil
            case .open:
                state = .given(reason)
                return nil
            case .awaited(let continuation):
                state = .given(reason)
                return continuation
            }
        }
        continuation?.resume(returning: reason)
    }

    var value: String? {
        get async {
            await withCheckedContinuation { continuation in
                let given: String?? = state.withLock { state in
                    if case .given(let reason) = state { return .some(reason) }
                    state = .awaited(continuation)
                    return nil
                }
                if let given { continuation.resume(returning: given) }
            }
        }
    }
}
