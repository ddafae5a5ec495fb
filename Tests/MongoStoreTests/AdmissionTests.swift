import MongoStore
import TestSupport
import Testing

@Suite("The line in front of the threads")
struct AdmissionTests {
    /// Keeps one thread of the server and of the module busy.
    private func slowRead(_ items: MongoCollection, milliseconds: Int) async -> MongoError? {
        await failure { () async throws(MongoError) in
            try await items.find(BSONDocument { $0.append("$where", "sleep(\(milliseconds)) || true") })
        }
    }

    @Test("refuses what it has no place for, and serves everyone else")
    func busy() async throws {
        try await withStore(threads: 1, admission: 3) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            await withTaskGroup(of: MongoError?.self) { group in
                group.addTask { await slowRead(items, milliseconds: 500) }
                // Long enough for the only thread to take it, and far shorter than it lasts.
                try? await Task.sleep(for: .milliseconds(100))
                for _ in 0..<10 {
                    group.addTask { await failure { () async throws(MongoError) in try await items.count() } }
                }
                var codes: [MongoError.Code: Int] = [:]
                var served = 0
                for await error in group {
                    if let error { codes[error.code, default: 0] += 1 } else { served += 1 }
                }
                #expect(codes == [.busy: 7])
                #expect(served == 4)
            }
            #expect(database.waitingOperations == 0)
            #expect(try await items.count() == 1)
        }
    }

    @Test("lets nobody wait longer than allowed")
    func waitedTooLong() async throws {
        try await withDatabase { access in
            var configuration = access.configuration(threads: 1)
            configuration.admissionTimeout = .seconds(1)
            try await withStore(configuration) { database in
                let items = database.collection("items")
                try await items.insert(numbered(1))
                async let slow = slowRead(items, milliseconds: 2500)
                try await Task.sleep(for: .milliseconds(200))
                let error = await failure { () async throws(MongoError) in try await items.count() }
                #expect(error?.code == .busy)
                #expect(await slow == nil)
            }
        }
    }

    @Test("drops a write whose task was cancelled before it started")
    func cancelledBeforeStart() async throws {
        try await withStore(threads: 1) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(0))
            async let slow = slowRead(items, milliseconds: 500)
            try await Task.sleep(for: .milliseconds(100))
            let write = Task { await failure { () async throws(MongoError) in try await items.insert(numbered(1)) } }
            try await eventually { database.waitingOperations == 1 }
            write.cancel()
            let start = ContinuousClock.now
            #expect(await write.value?.code == .cancelled)
            #expect(ContinuousClock.now - start < .milliseconds(200))
            #expect(await slow == nil)
            #expect(try await items.find().identifiers == [0])
        }
    }

    @Test("never starts the write of a task that is cancelled already")
    func cancelledAlready() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            // Starts only after it was cancelled.
            let gate = AsyncStream.makeStream(of: Void.self)
            let write = Task {
                for await _ in gate.stream {}
                return await failure { () async throws(MongoError) in try await items.insert(numbered(1)) }
            }
            write.cancel()
            gate.continuation.finish()
            #expect(await write.value?.code == .cancelled)
            let count = try await items.count()
            #expect(count == 0)
        }
    }

    @Test("lets the task of a running read go on when it is cancelled, but waits for a running write")
    func cancelledWhileRunning() async throws {
        try await withStore(threads: 2) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            let read = Task { await slowRead(items, milliseconds: 1500) }
            try await Task.sleep(for: .milliseconds(200))
            let start = ContinuousClock.now
            read.cancel()
            #expect(await read.value?.code == .cancelled)
            #expect(ContinuousClock.now - start < .milliseconds(500))

            let write = Task {
                await failure { () async throws(MongoError) in
                    try await items.update(
                        BSONDocument { $0.append("$where", "sleep(500) || true") },
                        update: BSONDocument { $0.document("$set") { $0.append("done", true) } })
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            write.cancel()
            #expect(await write.value == nil)
            #expect(try await items.findOne(numbered(1))?.has("done") == true)
        }
    }

    @Test("is empty after a shutdown, which waits for what runs and fails what waits")
    func shutdown() async throws {
        try await withDatabase { access in
            let database = try MongoDatabase(configuration: access.configuration(threads: 1), logger: quiet)
            let items = database.collection("items")
            try await items.insert(numbered(1))
            async let running = slowRead(items, milliseconds: 400)
            try await Task.sleep(for: .milliseconds(100))
            async let waiting = failure { () async throws(MongoError) in try await items.count() }
            try await eventually { database.waitingOperations == 1 }
            await database.shutdown()
            await database.shutdown()
            #expect(await running == nil)
            #expect(await waiting?.code == .closed)
            let late = await failure { () async throws(MongoError) in try await items.count() }
            #expect(late?.code == .closed)
        }
    }

    @Test("serves hundreds of tasks with few threads")
    func manyTasks() async throws {
        try await withStore(threads: 4) { database, _ in
            let items = database.collection("items")
            try await withThrowingTaskGroup { group in
                for id in 0..<300 {
                    group.addTask { try await items.insert(numbered(id), writeConcern: .primary) }
                }
                try await group.waitForAll()
            }
            #expect(try await items.count(readConcern: .local) == 300)
        }
    }
}
