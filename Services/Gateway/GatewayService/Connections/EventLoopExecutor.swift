import NIOCore
import ServiceLifecycle

/// Runs tasks on an event loop, for work whose data arrives and leaves there anyway: each change of threads would cost
/// more than what is done in between. What runs on it must not block, like everything on Swift's own threads.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs a service on an event loop: what it receives is handed on to connections there.
struct EventLoopService<Base: Service>: Service {
    let base: Base
    let eventLoop: any EventLoop

    func run() async throws {
        try await withTaskExecutorPreference(EventLoopExecutor(eventLoop)) { try await runBase() }
    }

    /// Not on the caller's executor: it is to go to the preferred one.
    @concurrent
    private func runBase() async throws { try await base.run() }
}

/// One executor for each event loop of a group.
struct EventLoopExecutors: Sendable {
    private let executors: [ObjectIdentifier: EventLoopExecutor]

    init(_ group: any EventLoopGroup) {
        var executors: [ObjectIdentifier: EventLoopExecutor] = [:]
        for eventLoop in group.makeIterator() {
            executors[ObjectIdentifier(eventLoop)] = EventLoopExecutor(eventLoop)
        }
        self.executors = executors
    }

    subscript(eventLoop: any EventLoop) -> EventLoopExecutor {
        executors[ObjectIdentifier(eventLoop)] ?? EventLoopExecutor(eventLoop)
    }
}
