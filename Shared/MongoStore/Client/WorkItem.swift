import Synchronization

/// An operation on its way through the ``WorkQueue``.
///
/// The class is `@unchecked Sendable` because its variables are guarded by the queue's lock, from `submit` on.
class WorkItem: @unchecked Sendable {
    enum Position { case outside, waiting, running, withdrawn }

    // Guarded by the queue's lock.
    final var position = Position.outside
    final var next: WorkItem?
    final unowned(unsafe) var previous: WorkItem?

    /// When waiting is no longer worth it.
    final let deadline: ContinuousClock.Instant
    /// Whether the caller may go on while the item still runs, because nobody needs its outcome.
    final let isAbandonable: Bool

    init(deadline: ContinuousClock.Instant, isAbandonable: Bool) {
        self.deadline = deadline
        self.isAbandonable = isAbandonable
    }

    /// Does the work. Called once at most, on a thread that may block.
    func perform(on client: MongoClient) { preconditionFailure("every kind of work item says what it does") }

    /// Ends the item without its work. Called without the lock.
    func fail(_ error: MongoError) { preconditionFailure("every kind of work item says how it fails") }
}

/// A work item that a task waits for.
final class AwaitedWorkItem<Value: Sendable>: WorkItem, @unchecked Sendable {
    private let body: @Sendable (MongoClient) throws(MongoError) -> Value
    private let continuation = Mutex<CheckedContinuation<Result<Value, MongoError>, Never>?>(nil)

    init(
        deadline: ContinuousClock.Instant, isAbandonable: Bool,
        _ body: @escaping @Sendable (MongoClient) throws(MongoError) -> Value
    ) {
        self.body = body
        super.init(deadline: deadline, isAbandonable: isAbandonable)
    }

    /// Says who waits. Called before the item is submitted.
    func await(_ continuation: CheckedContinuation<Result<Value, MongoError>, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    override func perform(on client: MongoClient) {
        do throws(MongoError) {
            finish(.success(try body(client)))
        } catch {
            finish(.failure(error))
        }
    }

    override func fail(_ error: MongoError) { finish(.failure(error)) }

    /// The first outcome counts: an abandoned item has one already.
    private func finish(_ result: Result<Value, MongoError>) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: result)
    }
}
