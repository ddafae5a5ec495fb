internal import Dispatch
internal import Foundation
internal import Synchronization

/// A fixed number of threads that run blocking work, in the order of arrival, with a bounded line before them.
///
/// Work that was not started ends early when its task is cancelled or its deadline passes. Deadlines are looked at
/// whenever a thread takes the next piece of work, so a result is late by at most the length of one piece. Started work
/// always runs to its end.
///
/// - Important: Nothing here waits for anything but the work itself, so the threads cannot deadlock; a piece of work
///   must not call ``run(deadline:_:)`` of the same pool.
final class BoundedThreads: Sendable {
    struct Load: Sendable, Equatable {
        /// Pieces of work in the line.
        var waiting = 0
        /// Pieces of work on a thread.
        var running = 0
        /// Pieces of work turned away because the line was full, since the start.
        var refused: UInt64 = 0
        /// Pieces of work whose deadline passed in the line, since the start.
        var expired: UInt64 = 0
    }

    private struct Entry: Sendable {
        let id: UInt64
        let deadline: ContinuousClock.Instant
        /// Does the work and returns the closure that passes the result to the caller: the thread counts itself free in between,
        /// so that a caller that comes straight back is not told that all are taken.
        let perform: @Sendable () -> @Sendable () -> Void
        /// Ends the caller's wait with the reason why the work will not be done.
        let refuse: @Sendable (PasswordHashingError) -> Void
    }

    private struct State: Sendable {
        var line: [Entry] = []
        var load = Load()
        var nextID: UInt64 = 0
        var closed = false
    }

    private let state = Mutex(State())
    /// Counts entries ever added, plus one for each thread at shutdown. Entries that left the line early leave their
    /// count behind; the thread that takes it finds nothing and waits again.
    private let arrivals = DispatchSemaphore(value: 0)
    private let capacity: Int
    private let count: Int

    /// - Parameters:
    ///   - count: the number of threads.
    ///   - capacity: the most pieces of work that may wait, beside those that run.
    init(count: Int, capacity: Int, name: String) {
        precondition(count > 0 && capacity >= 0)
        self.count = count
        self.capacity = capacity
        for index in 0..<count {
            let thread = Thread { [self] in work() }
            thread.name = "\(name)-\(index)"
            thread.start()
        }
    }

    var load: Load { state.withLock { $0.load } }

    func run<Value: Sendable>(
        deadline: ContinuousClock.Instant,
        _ work: @escaping @Sendable () throws(PasswordHashingError) -> Value
    ) async throws(PasswordHashingError) -> Value {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result: Result<Value, PasswordHashingError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entry = Entry(
                    id: id, deadline: deadline,
                    perform: {
                        let result = Result { () throws(PasswordHashingError) in try work() }
                        return { continuation.resume(returning: result) }
                    },
                    refuse: { continuation.resume(returning: .failure($0)) })
                if let refusal = admit(entry) { entry.refuse(refusal) }
            }
        } onCancel: {
            withdraw(id)
        }
        return try result.get()
    }

    /// Turns new work away, ends the wait of what is in the line, and lets the threads end after what they are doing.
    func shutdown() {
        let abandoned = state.withLock { state -> [Entry]? in
            guard !state.closed else { return nil }
            state.closed = true
            let entries = state.line
            state.line = []
            state.load.waiting = 0
            return entries
        }
        guard let abandoned else { return }
        for entry in abandoned { entry.refuse(Self.closed) }
        for _ in 0..<count { arrivals.signal() }
    }

    private static let closed = PasswordHashingError(.closed, "the password hasher was shut down")

    private func admit(_ entry: Entry) -> PasswordHashingError? {
        // The cancellation handler takes this lock too: it either finds the entry in the line, or ran before and the
        // task says so here.
        let refusal = state.withLock { state -> PasswordHashingError? in
            if state.closed { return Self.closed }
            if Task.isCancelled { return Self.cancelled }
            if state.load.running + state.line.count >= count + capacity {
                state.load.refused += 1
                return PasswordHashingError(.busy, "\(state.line.count) password hashes are waiting already")
            }
            state.line.append(entry)
            state.load.waiting = state.line.count
            return nil
        }
        if refusal == nil { arrivals.signal() }
        return refusal
    }

    private static let cancelled = PasswordHashingError(.cancelled, "the task was cancelled before its turn")

    private func withdraw(_ id: UInt64) {
        let entry = state.withLock { state -> Entry? in
            guard let index = state.line.firstIndex(where: { $0.id == id }) else { return nil }
            defer { state.load.waiting = state.line.count }
            return state.line.remove(at: index)
        }
        entry?.refuse(Self.cancelled)
    }

    private enum Turn {
        case run(Entry?, expired: [Entry])
        case end
    }

    private func work() {
        while true {
            arrivals.wait()
            switch takeTurn() {
            case .end: return
            case .run(let entry, let expired):
                for entry in expired {
                    entry.refuse(PasswordHashingError(.timedOut, "the deadline passed before the hash's turn"))
                }
                guard let entry else { continue }
                let deliver = entry.perform()
                state.withLock { $0.load.running -= 1 }
                deliver()
            }
        }
    }

    private func takeTurn() -> Turn {
        let now = ContinuousClock.now
        return state.withLock { state in
            if state.closed { return .end }
            let expired = state.line.filter { $0.deadline <= now }
            if !expired.isEmpty {
                state.line.removeAll { $0.deadline <= now }
                state.load.expired += UInt64(expired.count)
            }
            let entry = state.line.isEmpty ? nil : state.line.removeFirst()
            if entry != nil { state.load.running += 1 }
            state.load.waiting = state.line.count
            return .run(entry, expired: expired)
        }
    }
}
