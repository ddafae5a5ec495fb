import LocalStack
import MongoStore
import Synchronization
import TestSupport
import Testing

/// A replica set of three whose primary goes away while it is written to.
@Suite("A replica set that loses its primary", .serialized)
struct FailoverTests {
    @Test(.timeLimit(.minutes(5)))
    func `keeps every acknowledged document exactly once, and takes writes again`() async throws {
        try await withPrivateReplicaSet { replicaSet in
            var configuration = replicaSet.administratorAccess(database: "failover").configuration(threads: 8)
            configuration.serverSelectionTimeout = .seconds(2)
            configuration.socketTimeout = .seconds(5)
            try await withStore(configuration) { database in
                try await eventually("the set takes majority writes") {
                    await failure { () async throws(MongoError) in try await database.ping() } == nil
                }
                let log = database.collection("log")
                try await log.createIndexes([MongoIndex(name: "client_id", ascending: ["w", "i"], unique: true)])

                let ledger = Ledger()
                let writers = (0..<3).map { number in
                    Task { await Writer(number: number, log: log, ledger: ledger).run() }
                }
                func progress(_ what: String) async throws {
                    let before = ledger.acknowledged
                    try await eventually(what) {
                        let now = ledger.acknowledged
                        return zip(before, now).allSatisfy { $0 + 40 <= $1 }
                    }
                }
                try await progress("writers start")

                // The machine of the primary is gone without a word.
                let first = try await replicaSet.waitForPrimary()
                await first.kill()
                try await progress("writers go on after the primary was killed")

                // An orderly change of the primary, and the lost member returns.
                try await first.restart()
                _ = await failure { () async throws(MongoError) in
                    try await database.runCommand(
                        BSONDocument {
                            $0.append("replSetStepDown", 10)
                            $0.append("secondaryCatchUpPeriodSecs", 5)
                        }, database: "admin")
                }
                try await progress("writers go on after the primary stepped down")

                // Killed once more, now with a member that has just returned.
                try await replicaSet.waitForPrimary().kill()
                try await progress("writers go on after the second kill")

                ledger.stop()
                for writer in writers { await writer.value }
                try await check(log, ledger)
                // Otherwise the test would not have shown anything about errors.
                #expect(ledger.errors.values.reduce(0, +) > 0, "no writer noticed anything")
            }
        }
    }

    /// Every number that a writer was told is stored is there, once; what it was not told lies only at the end.
    private func check(_ log: MongoCollection, _ ledger: Ledger) async throws {
        let stored = try await log.find(
            sort: BSONDocument {
                $0.append("w", 1)
                $0.append("i", 1)
            })
        var numbers: [Int: [Int]] = [:]
        for document in stored {
            numbers[Int(try document.int64("w")), default: []].append(Int(try document.int64("i")))
        }
        for (writer, count) in ledger.acknowledged.enumerated() {
            let found = numbers[writer] ?? []
            #expect(found.count >= count, "writer \(writer): acknowledged \(count), found \(found.count)")
            #expect(found == Array(0..<found.count), "writer \(writer): contiguous and without repetition")
        }
    }

    @Test func `answers unavailable or unknownOutcome while there is no majority, and works again when there is`()
        async throws
    {
        try await withPrivateReplicaSet { replicaSet in
            var configuration = replicaSet.administratorAccess(database: "failover").configuration(threads: 4)
            configuration.serverSelectionTimeout = .milliseconds(500)
            configuration.socketTimeout = .seconds(5)
            try await withStore(configuration) { database in
                let items = database.collection("items")
                try await eventually("the set takes majority writes") {
                    await failure { () async throws(MongoError) in try await items.insert(numbered(0)) }?.code
                        .isAnswer ?? true
                }
                let primary = try await replicaSet.waitForPrimary()
                for node in replicaSet.nodes where node.port != primary.port { await node.kill() }
                // At once, while the primary has not noticed yet: stored on one member only, and that is no success.
                let lonely = await failure { () async throws(MongoError) in
                    try await items.insert(
                        numbered(1),
                        writeConcern: WriteConcern(.majority, journal: true, timeout: .milliseconds(500)))
                }
                #expect(lonely?.code == .unknownOutcome || lonely?.code == .unavailable)
                let ping = await failure { () async throws(MongoError) in
                    try await database.ping(timeout: .milliseconds(500))
                }
                #expect(ping?.code == .unavailable)
                try await eventually("the primary steps down") { await !primary.isPrimary() }
                let errors = [
                    await failure { () async throws(MongoError) in try await items.insert(numbered(2)) },
                    await failure { () async throws(MongoError) in try await items.find() },
                ]
                for error in errors { #expect(error?.code == .unavailable) }
                for node in replicaSet.nodes where node.port != primary.port { try await node.restart() }
                try await eventually("the set takes writes again") {
                    await failure { () async throws(MongoError) in try await items.insert(numbered(3)) }?.code
                        .isAnswer ?? true
                }
                #expect(try await items.count(numbered(2)) == 0)
                #expect(try await items.count(numbered(3)) == 1)
            }
        }
    }
}

extension MongoError.Code {
    /// Whether the repetition of an insert says that it is stored already.
    fileprivate var isAnswer: Bool { self == .duplicateKey }
}

/// What the writers of a test were told.
private final class Ledger: Sendable {
    private struct State {
        var acknowledged = [0, 0, 0]
        var errors: [MongoError.Code: Int] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    /// For each writer, how many numbers from 0 on are stored for certain.
    var acknowledged: [Int] { state.withLock { $0.acknowledged } }
    var errors: [MongoError.Code: Int] { state.withLock { $0.errors } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func acknowledge(_ count: Int, by writer: Int) { state.withLock { $0.acknowledged[writer] = count } }
    func note(_ error: MongoError) { state.withLock { $0.errors[error.code, default: 0] += 1 } }
    func stop() { state.withLock { $0.isOver = true } }
}

/// Writes 0, 1, 2 and so on, in batches or one by one, and repeats what it was not told.
private struct Writer {
    let number: Int
    let log: MongoCollection
    let ledger: Ledger

    func run() async {
        var next = 0
        while !ledger.isOver {
            // Each writer has another batch size, one of them a single document.
            let batch = (next..<next + [1, 4, 16][number]).map { document($0) }
            do throws(MongoError) {
                let result = try await log.insertMany(batch)
                next += result.insertedCount
                if let failure = result.failures.first {
                    // Stored by an attempt whose outcome was not known. Nothing else can be refused here.
                    guard failure.duplicate?.index == "client_id" else {
                        Issue.record("an unexpected refusal: \(failure)")
                        return
                    }
                    next += 1
                }
                ledger.acknowledge(next, by: number)
            } catch {
                ledger.note(error)
                guard error.code == .unknownOutcome || error.code == .unavailable else {
                    Issue.record("an unexpected error: \(error)")
                    return
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func document(_ count: Int) -> BSONDocument {
        BSONDocument {
            $0.append("w", number)
            $0.append("i", count)
        }
    }
}
