import Glibc

/// A bounded line of work items in front of the threads, first come first served.
///
/// A mutex and a condition variable, because the threads block anyway and hand-off must cost little. `@unchecked
/// Sendable`: everything mutable is guarded by `lock`, which is never held while foreign code runs.
final class WorkQueue: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>
    private let capacity: Int
    private var head: WorkItem?
    private unowned(unsafe) var tail: WorkItem?
    private var count = 0
    private var idleThreads = 0
    private var runningItems = 0
    private var isClosed = false

    /// - Parameter capacity: how many items may wait.
    init(capacity: Int) {
        self.capacity = capacity
        lock = .allocate(capacity: 1)
        arrival = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        // A long chain would otherwise be released recursively; it is empty unless no thread was ever started.
        while let item = head { remove(item) }
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(lock)
        arrival.deallocate()
        lock.deallocate()
    }

    /// How many items wait.
    var depth: Int { locked { count } }

    /// How many items were taken and are not done.
    var running: Int { locked { runningItems } }

    /// Lets an item wait for a thread, or fails it at once. Also fails those in front that have waited too long.
    func submit(_ item: WorkItem) {
        let now = ContinuousClock.now
        var overdue: [WorkItem] = []
        var refusal: MongoError?
        locked {
            while let first = head, first.deadline < now {
                remove(first)
                overdue.append(first)
            }
            if item.position == .withdrawn {
                refusal = .cancelledBeforeStart
            } else if isClosed {
                refusal = .shutDown
            } else if count >= capacity && idleThreads <= count {
                refusal = .tooManyWaiting
            } else {
                append(item)
                if idleThreads > 0 { pthread_cond_signal(arrival) }
            }
        }
        for item in overdue { item.fail(.waitedTooLong) }
        if let refusal { item.fail(refusal) }
    }

    /// The next item for the calling thread, which waits for it; nil once the queue is closed.
    /// - Parameter isDone: whether the thread has just done the item that it took before.
    func take(isDone: Bool) -> WorkItem? {
        var isDone = isDone
        while true {
            let item: WorkItem? = locked {
                if isDone { runningItems -= 1 }
                while head == nil && !isClosed {
                    idleThreads += 1
                    pthread_cond_wait(arrival, lock)
                    idleThreads -= 1
                }
                guard let item = head else { return nil }
                remove(item)
                item.position = .running
                runningItems += 1
                return item
            }
            guard let item, item.deadline < ContinuousClock.now else { return item }
            item.fail(.waitedTooLong)
            isDone = true
        }
    }

    /// Withdraws an item whose caller no longer waits. A running one goes on; its caller waits for the outcome unless the item
    /// can be abandoned.
    func cancel(_ item: WorkItem) {
        let isOver = locked {
            switch item.position {
            case .outside:
                item.position = .withdrawn
                return false
            case .waiting:
                remove(item)
                item.position = .withdrawn
                return true
            case .running:
                return item.isAbandonable
            case .withdrawn:
                return false
            }
        }
        if isOver { item.fail(.cancelledBeforeStart) }
    }

    /// Refuses further items, fails those that wait and lets the threads end.
    func close() {
        var waiting: [WorkItem] = []
        locked {
            isClosed = true
            while let item = head {
                remove(item)
                waiting.append(item)
            }
            pthread_cond_broadcast(arrival)
        }
        for item in waiting { item.fail(.shutDown) }
    }

    private func append(_ item: WorkItem) {
        item.position = .waiting
        item.previous = tail
        if let tail { tail.next = item } else { head = item }
        tail = item
        count += 1
    }

    private func remove(_ item: WorkItem) {
        let next = item.next
        next?.previous = item.previous
        if next == nil { tail = item.previous }
        if let previous = item.previous { previous.next = next } else { head = next }
        item.next = nil
        item.previous = nil
        item.position = .withdrawn
        count -= 1
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}

extension MongoError {
    fileprivate static let cancelledBeforeStart = MongoError(.cancelled, message: "the task was cancelled")
    fileprivate static let shutDown = MongoError(.closed, message: "the database was shut down")
    fileprivate static let tooManyWaiting = MongoError(.busy, message: "too many operations wait for a thread")
    fileprivate static let waitedTooLong = MongoError(.busy, message: "the operation waited too long for a thread")
}
