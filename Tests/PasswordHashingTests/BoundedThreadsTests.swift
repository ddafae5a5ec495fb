import Dispatch
import Synchronization
import Testing

@testable import PasswordHashing

@Suite("The hasher's threads", .timeLimit(.minutes(5)))
struct BoundedThreadsTests {
    /// Work that occupies a thread until it is let go.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func pass() { semaphore.wait() }
        func open(times: Int = 1) { for _ in 0..<times { semaphore.signal() } }
    }

    /// What pieces of work leave behind.
    private final class Record<Value: Sendable>: Sendable {
        private let mutex: Mutex<Value>
        init(_ value: Value) { mutex = Mutex(value) }
        var value: Value { mutex.withLock { $0 } }
        func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
    }

    private func far() -> ContinuousClock.Instant { .now + .seconds(60) }

    /// Waits until `condition` holds; the suite's time limit is the end of patience.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func `Never more run at a time than there are threads, and all get their turn`() async throws {
        let threads = BoundedThreads(count: 3, capacity: 100, name: "test")
        defer { threads.shutdown() }
        let running = Record((now: 0, most: 0))
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<60 {
                group.addTask {
                    try await threads.run(deadline: far()) {
                        running.change {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        var sum = 0
                        for value in 0..<200_000 { sum &+= value ^ index }
                        running.change { $0.now -= sum == .min ? 2 : 1 }
                        return index
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(results == Set(0..<60))
        #expect(running.value.now == 0)
        #expect(running.value.most <= 3)
        #expect(threads.load == .init())
    }

    @Test func `All threads are used`() async throws {
        let threads = BoundedThreads(count: 3, capacity: 0, name: "test")
        let gate = Gate()
        defer { threads.shutdown() }
        async let first: Void = threads.run(deadline: far()) { gate.pass() }
        async let second: Void = threads.run(deadline: far()) { gate.pass() }
        async let third: Void = threads.run(deadline: far()) { gate.pass() }
        try await until { threads.load.running == 3 }
        gate.open(times: 3)
        _ = try await (first, second, third)
    }

    @Test func `What comes when the line is full is busy at once, and room is used again`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 2, name: "test")
        let gate = Gate()
        defer { threads.shutdown() }
        async let running: Void = threads.run(deadline: far()) { gate.pass() }
        try await until { threads.load.running == 1 }
        async let first: Void = threads.run(deadline: far()) { gate.pass() }
        async let second: Void = threads.run(deadline: far()) { gate.pass() }
        try await until { threads.load.waiting == 2 }

        let error = await #expect(throws: PasswordHashingError.self) { try await threads.run(deadline: far()) {} }
        #expect(error?.code == .busy)
        #expect(threads.load.refused == 1)

        gate.open(times: 3)
        _ = try await (running, first, second)
        try await threads.run(deadline: far()) {}
    }

    @Test func `A caller that comes straight back finds its thread free`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 0, name: "test")
        defer { threads.shutdown() }
        for _ in 0..<2_000 { try await threads.run(deadline: far()) {} }
        #expect(threads.load.refused == 0)
    }

    @Test func `Cancelling ends the wait of what was not started, and it never runs`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 10, name: "test")
        let gate = Gate()
        let ran = Record(false)
        defer { threads.shutdown() }
        async let running: Void = threads.run(deadline: far()) { gate.pass() }
        try await until { threads.load.running == 1 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await threads.run(deadline: far()) { ran.change { $0 = true } } }
            try await until { threads.load.waiting == 1 }
            group.cancelAll()
            let error = await #expect(throws: PasswordHashingError.self) { try await group.next() }
            #expect(error?.code == .cancelled)
        }
        #expect(threads.load.waiting == 0)
        gate.open()
        try await running
        try await threads.run(deadline: far()) {}
        #expect(!ran.value)
    }

    @Test func `A task that is cancelled already gets no turn`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 1, name: "test")
        defer { threads.shutdown() }
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await threads.run(deadline: far()) { true }
        }
        task.cancel()
        let error = await #expect(throws: PasswordHashingError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func `Started work runs to its end although its task is cancelled`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 1, name: "test")
        let gate = Gate()
        defer { threads.shutdown() }
        let task = Task {
            try await threads.run(deadline: far()) {
                gate.pass()
                return 42
            }
        }
        try await until { threads.load.running == 1 }
        task.cancel()
        gate.open()
        #expect(try await task.value == 42)
    }

    @Test func `Work whose deadline passes in the line is not started, wherever in the line it is`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 10, name: "test")
        let gate = Gate()
        let order = Record<[String]>([])
        defer { threads.shutdown() }
        async let running: Void = threads.run(deadline: far()) { gate.pass() }
        try await until { threads.load.running == 1 }
        async let patient: Void = threads.run(deadline: far()) { order.change { $0.append("patient") } }
        try await until { threads.load.waiting == 1 }
        let soon = ContinuousClock.now + .milliseconds(20)
        let hurried = Task {
            try await threads.run(deadline: soon) { order.change { $0.append("hurried") } }
        }
        try await until { threads.load.waiting == 2 && ContinuousClock.now > soon }
        gate.open()
        let error = await #expect(throws: PasswordHashingError.self) { try await hurried.value }
        #expect(error?.code == .timedOut)
        _ = try await (running, patient)
        #expect(order.value == ["patient"])
        #expect(threads.load.expired == 1)
    }

    @Test func `Turns come in the order of arrival`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 50, name: "test")
        let gate = Gate()
        let order = Record<[Int]>([])
        defer { threads.shutdown() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await threads.run(deadline: far()) { gate.pass() } }
            try await until { threads.load.running == 1 }
            for index in 0..<20 {
                group.addTask { try await threads.run(deadline: far()) { order.change { $0.append(index) } } }
                try await until { threads.load.waiting == index + 1 }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.value == Array(0..<20))
    }

    @Test func `A shutdown ends the wait of what is in the line and lets what runs finish`() async throws {
        let threads = BoundedThreads(count: 1, capacity: 10, name: "test")
        let gate = Gate()
        async let running: Int = threads.run(deadline: far()) {
            gate.pass()
            return 7
        }
        try await until { threads.load.running == 1 }
        let waiting = Task { try await threads.run(deadline: far()) {} }
        try await until { threads.load.waiting == 1 }
        threads.shutdown()
        let error = await #expect(throws: PasswordHashingError.self) { try await waiting.value }
        #expect(error?.code == .closed)
        gate.open()
        #expect(try await running == 7)
    }
}
