import MongoStore
import TestSupport
import Testing

@Suite("The line in front of the threads")
struct AdmissionTests {
    /// Runs the body while one thread of the module is busy with a read, which must end well, and lasts longer than the body
    /// does on a busy machine.
    private func whileBusy(
        _ database: MongoDatabase, _ items: MongoCollection, _ body: () async throws -> Void
    ) async throws {
        let slow = try await start(on: database) { await slowRead(items, milliseconds: 4_000) }
        try await body()
        #expect(await slow.value == nil)
    }

    /// Starts an operation and returns once a thread is busy with it. The count has to be zero before: an operation that
    /// has answered is counted until its thread comes for the next one, and would be taken for the one that starts.
    private func start(
        on database: MongoDatabase, _ operation: @escaping @Sendable () async -> MongoError?
    ) async throws -> Task<MongoError?, Never> {
        try await eventually { database.runningOperations == 0 }
        let task = Task { await operation() }
        try await eventually { database.runningOperations == 1 }
        return task
    }

    private func slowRead(_ items: MongoCollection, milliseconds: Int) async -> MongoError? {
        await failure { () async throws(MongoError) in
            try await items.find(BSONDocument { $0.append("$where", "sleep(\(milliseconds)) || true") })
        }
    }

    @Test func `refuses what it has no place for, and serves everyone else`() async throws {
        try await withStore(threads: 1, admission: 3) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            try await whileBusy(database, items) {
                await withTaskGroup(of: MongoError?.self) { group in
                    for _ in 0..<10 {
                        group.addTask { await failure { () async throws(MongoError) in try await items.count() } }
                    }
                    var outcomes: [MongoError.Code?: Int] = [:]
                    for await error in group { outcomes[error?.code, default: 0] += 1 }
                    #expect(outcomes == [.busy: 7, nil: 3])
                }
            }
            #expect(database.waitingOperations == 0)
            #expect(try await items.count() == 1)
        }
    }

    @Test func `lets nobody wait longer than allowed`() async throws {
        try await withDatabase { access in
            var configuration = access.configuration(threads: 1)
            configuration.admissionTimeout = .seconds(1)
            try await withStore(configuration) { database in
                let items = database.collection("items")
                try await items.insert(numbered(1))
                try await whileBusy(database, items) {
                    let error = await failure { () async throws(MongoError) in try await items.insert(numbered(2)) }
                    #expect(error?.code == .busy)
                }
                #expect(try await items.find().identifiers == [1])
            }
        }
    }

    @Test func `drops a write whose task was cancelled before it started`() async throws {
        try await withStore(threads: 1) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(0))
            try await whileBusy(database, items) {
                let write = Task {
                    await failure { () async throws(MongoError) in try await items.insert(numbered(1)) }
                }
                try await eventually { database.waitingOperations == 1 }
                write.cancel()
                #expect(await write.value?.code == .cancelled)
                #expect(database.waitingOperations == 0)
                #expect(database.runningOperations == 1, "it did not wait for the thread")
            }
            #expect(try await items.find().identifiers == [0])
        }
    }

    @Test func `takes any item out of its middle and keeps the order of the others`() async throws {
        try await withStore(threads: 1) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(0))
            try await whileBusy(database, items) {
                var writes: [Task<MongoError?, Never>] = []
                for id in 1...6 {
                    writes.append(
                        Task { await failure { () async throws(MongoError) in try await items.insert(numbered(id)) } })
                    try await eventually { database.waitingOperations == id }
                }
                // The first, one in the middle and the last.
                for index in [0, 2, 5] {
                    writes[index].cancel()
                    #expect(await writes[index].value?.code == .cancelled)
                }
                #expect(database.waitingOperations == 3)
                for index in [1, 3, 4] { #expect(await writes[index].value == nil) }
            }
            let natural = BSONDocument { $0.append("$natural", 1) }
            #expect(try await items.find(sort: natural).identifiers == [0, 2, 4, 5])
        }
    }

    @Test func `never starts the write of a task that is cancelled already`() async throws {
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

    @Test func `lets the task of a running read go on when it is cancelled`() async throws {
        try await withStore(threads: 1) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            let read = try await start(on: database) { await slowRead(items, milliseconds: 4_000) }
            read.cancel()
            #expect(await read.value?.code == .cancelled)
            #expect(database.runningOperations == 1, "it did not wait for the thread")
            #expect(try await items.count() == 1)
        }
    }

    @Test func `waits for a running write, also when its task is cancelled`() async throws {
        try await withStore(threads: 1) { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            let write = try await start(on: database) {
                await failure { () async throws(MongoError) in
                    try await items.update(
                        BSONDocument { $0.append("$where", "sleep(3000) || true") },
                        update: BSONDocument { $0.document("$set") { $0.append("done", true) } })
                }
            }
            write.cancel()
            let error = await write.value
            #expect(error == nil)
            #expect(try await items.findOne(numbered(1))?.has("done") == true)
        }
    }

    @Test func `is empty after a shutdown, which waits for what runs and fails what waits`() async throws {
        try await withDatabase { access in
            let database = try MongoDatabase(configuration: access.configuration(threads: 1), logger: quiet)
            let items = database.collection("items")
            try await items.insert(numbered(1))
            try await whileBusy(database, items) {
                async let waiting = failure { () async throws(MongoError) in try await items.count() }
                try await eventually { database.waitingOperations == 1 }
                await database.shutdown()
                #expect(database.runningOperations == 0)
                await database.shutdown()
                #expect(await waiting?.code == .closed)
            }
            let late = await failure { () async throws(MongoError) in try await items.count() }
            #expect(late?.code == .closed)
        }
    }

    @Test func `serves hundreds of tasks with few threads`() async throws {
        try await withDatabase { access in
            var configuration = access.configuration(threads: 4)
            configuration.admissionTimeout = .seconds(60)
            try await withStore(configuration) { database in
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
}
