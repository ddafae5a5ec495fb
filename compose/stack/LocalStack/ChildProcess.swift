public import Foundation
import Synchronization

/// A process that is a child of this one, and that the kernel ends when this one ends, however that happens.
///
/// Each child has one thread of its own, which starts it and then waits for its end. That is not only simple: Linux
/// binds "signal me when my parent dies" (`PR_SET_PDEATHSIG`) to the *thread* that forked, so a child started from a
/// pool thread would be killed as soon as the pool retires that thread.
///
/// Safe to use from any task. Nothing here blocks the caller.
public final class ChildProcess: Sendable {
    /// What to start.
    public struct Command: Sendable {
        /// A program and its arguments that start the program and replace themselves with it, such as `nsenter`, so
        /// that the child's pid is the program's. Empty for none.
        public var entry: [String]
        /// Absolute path of the program.
        public var program: String
        /// Arguments without the program's name.
        public var arguments: [String]
        /// The whole environment of the child; nothing is inherited.
        public var environment: [String: String]
        /// Working folder; the parent's if nil.
        public var folder: URL?
        /// Where standard output and standard error go, appended. They are discarded if nil.
        public var log: URL?
        /// Whether the log is rotated: this process then carries the output, so the child writes to a pipe that ends with
        /// this process. The child writes into the file itself if nil.
        public var rotation: LogRotation?
        /// Whether standard output and standard error are this process's own; then ``log`` is not used.
        public var sharesOutput: Bool
        /// The signal that the kernel sends when this process dies.
        public var signalWhenOrphaned: OrphanSignal

        public init(
            _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: URL? = nil,
            log: URL? = nil, rotation: LogRotation? = nil, sharesOutput: Bool = false,
            signalWhenOrphaned: OrphanSignal = .kill, entry: [String] = []
        ) {
            self.entry = entry
            self.sharesOutput = sharesOutput
            self.program = program
            self.arguments = arguments
            self.environment = environment
            self.folder = folder
            self.log = log
            self.rotation = rotation
            self.signalWhenOrphaned = signalWhenOrphaned
        }
    }

    /// How a child ends when its parent has died.
    public enum OrphanSignal: String, Sendable {
        /// At once.
        case kill = "KILL"
        /// In order, as on a stop.
        case terminate = "TERM"
    }

    /// How a child ended.
    public enum Ending: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        public var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "signal \(signal)"
            }
        }
    }

    private struct State {
        var ending: Ending?
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    /// The process id. It names this child only while ``ending`` is nil.
    public let pid: Int32
    private let state = Mutex(State())
    private let pump: LogPump?

    private init(pid: Int32, pump: LogPump?) {
        self.pid = pid
        self.pump = pump
    }

    /// Starts a child.
    /// - Throws: `.start` when the program cannot be executed.
    public static func start(_ command: Command) async throws(LocalStackError) -> ChildProcess {
        let result: Result<ChildProcess, LocalStackError> = await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(LocalStackError) {
                    let child = try spawn(command)
                    ExitCleanup.add(child)
                    continuation.resume(returning: .success(child))
                    child.waitUntilEnded()
                    ExitCleanup.remove(child)
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            thread.name = "child"
            thread.stackSize = 512 * 1024
            thread.start()
        }
        return try result.get()
    }

    private static func spawn(_ command: Command) throws(LocalStackError) -> ChildProcess {
        guard let log = command.log, let rotation = command.rotation, !command.sharesOutput else {
            return ChildProcess(pid: try Spawn.spawn(command, output: nil), pump: nil)
        }
        let pump = try LogPump()
        do throws(LocalStackError) {
            let child = ChildProcess(pid: try Spawn.spawn(command, output: pump.input), pump: pump)
            pump.start(into: log, rotation: rotation)
            return child
        } catch {
            pump.abandon()
            throw error
        }
    }

    /// How it ended, or nil while it runs.
    public var ending: Ending? { state.withLock { $0.ending } }
    /// Whether it runs (a paused child counts as running).
    public var isRunning: Bool { ending == nil }

    /// Sends a signal if the child still runs.
    /// - Returns: false when it had ended.
    @discardableResult
    public func signal(_ number: Int32) -> Bool {
        // Under the lock, because the pid is released (see `waitUntilEnded`) under the same lock and could else be
        // another process's by now.
        state.withLock { state in
            guard state.ending == nil else { return false }
            return kill(pid, number) == 0
        }
    }

    /// Stops the child's clock: it keeps its connections and answers nothing.
    public func pause() { signal(SIGSTOP) }
    /// Lets a paused child go on.
    public func resume() { signal(SIGCONT) }

    /// Waits until it has ended, or the task is cancelled.
    /// - Returns: how it ended; nil when the task was cancelled first.
    public func waitForEnd() async -> Ending? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.ending != nil || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        return ending
    }

    /// Asks the child to end and kills it when it has not done so within the limit.
    @discardableResult
    public func stop(signal number: Int32 = SIGTERM, within limit: Duration = .seconds(10)) async -> Ending? {
        signal(SIGCONT)
        signal(number)
        let inTime = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.waitForEnd() != nil }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        if !inTime { signal(SIGKILL) }
        // A killed child is gone within milliseconds, so this also ends when the task is cancelled.
        return await Task { await self.waitForEnd() }.value
    }

    /// Kills the child and waits for its end.
    @discardableResult
    public func kill() async -> Ending? {
        signal(SIGKILL)
        return await Task { await self.waitForEnd() }.value
    }

    /// Runs on the child's own thread.
    private func waitUntilEnded() {
        Spawn.waitWithoutReleasing(pid)
        // Whoever hears of the end looks into the log for the reason.
        pump?.drain(within: 1)
        let waiters = state.withLock { state in
            state.ending = Spawn.release(pid)
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.self)
        }
        for waiter in waiters { waiter.resume() }
    }

    private func kill(_ pid: Int32, _ number: Int32) -> Int32 {
        Foundation.kill(pid, number)
    }
}
