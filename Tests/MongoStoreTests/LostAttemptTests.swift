import LocalStack
import MongoStore
import TestSupport
import Testing

/// Commands that the server fails on purpose, at a known moment.
@Suite("An attempt that fails on its way")
struct LostAttemptTests {
    @Test func `is repeated once by the driver, and what follows is told truly`() async throws {
        let options = DatabaseNode.Options(arguments: ["--setParameter", "enableTestCommands=1"])
        try await withPrivateReplicaSet(nodes: 1, options: options) { replicaSet in
            var configuration = replicaSet.administratorAccess(database: "lost").configuration(threads: 2)
            configuration.socketTimeout = .milliseconds(800)
            try await withStore(configuration) { database in
                let items = database.collection("items")
                // Creates the collection, so that no command waits for that later.
                try await items.insert(numbered(0) { $0.append("n", 0) })
                let server = Saboteur(database: database)
                try await repetition(items, server)
                try await severalLosses(items, server)
                try await notPrimary(items, server)
                try await silence(items, server)
                try await manyDocuments(items, server)
            }
        }
    }

    private let increment = BSONDocument { $0.document("$inc") { $0.append("n", 1) } }

    /// The connection is lost after the write was executed; the repetition must not execute it again.
    private func repetition(_ items: MongoCollection, _ server: Saboteur) async throws {
        try await server.loseAnswers(of: 1)
        #expect(try await items.update(numbered(0), update: increment).matched == 1)
        try await server.loseAnswers(of: 1)
        #expect(try await items.findAndModify(numbered(0), .update(.operators(increment)))?.int64("n") == 2)
        try await server.loseAnswers(of: 1)
        #expect(try await items.insertMany([numbered(1), numbered(2)]).insertedCount == 2)
        try await server.loseAnswers(of: 1)
        #expect(try await items.delete(numbered(2)) == 1)
        #expect(try await items.findOne(numbered(0))?.int64("n") == 2)
        try await server.fail(["find"], times: 1) { $0.append("closeConnection", true) }
        #expect(try await items.count() == 2)
        #expect(try await items.findOne(numbered(1)) != nil)
    }

    /// The repetition is lost too.
    private func severalLosses(_ items: MongoCollection, _ server: Saboteur) async throws {
        let commands = ["insert", "update", "delete", "findAndModify", "find", "aggregate"]
        func lose() async throws { try await server.fail(commands, times: 2) { $0.append("closeConnection", true) } }
        try await lose()
        let insert = await failure { () async throws(MongoError) in try await items.insert(numbered(10)) }
        try await lose()
        let batch = await failure { () async throws(MongoError) in
            try await items.insertMany([numbered(11), numbered(12)])
        }
        try await lose()
        let update = await failure { () async throws(MongoError) in
            try await items.update(numbered(0), update: increment)
        }
        try await lose()
        let remove = await failure { () async throws(MongoError) in try await items.delete(numbered(10)) }
        try await lose()
        let modify = await failure { () async throws(MongoError) in
            try await items.findAndModify(numbered(0), .update(.operators(increment)))
        }
        for error in [insert, batch, update, remove, modify] { #expect(error?.code == .unknownOutcome) }
        try await lose()
        let find = await failure { () async throws(MongoError) in try await items.find() }
        try await lose()
        let count = await failure { () async throws(MongoError) in try await items.count() }
        for error in [find, count] { #expect(error?.code == .unavailable) }
    }

    private func notPrimary(_ items: MongoCollection, _ server: Saboteur) async throws {
        func demote() async throws {
            try await server.fail(["insert", "findAndModify"], times: 2) { $0.append("errorCode", Int32(10107)) }
        }
        try await demote()
        let single = await failure { () async throws(MongoError) in try await items.insert(numbered(20)) }
        #expect(single?.code == .unavailable)
        #expect(single?.serverCode == 10107)
        try await demote()
        let modify = await failure { () async throws(MongoError) in try await items.findAndModify(numbered(0), .remove)
        }
        #expect(modify?.code == .unavailable)
        try await demote()
        let batch = await failure { () async throws(MongoError) in
            try await items.insertMany([numbered(21), numbered(22)])
        }
        #expect(batch?.code == .unknownOutcome)
        #expect(try await items.count(BSONDocument { $0.document("_id") { $0.append("$gte", 20) } }) == 0)
    }

    /// The server takes longer than the socket's time limit, and executes the write all the same.
    private func silence(_ items: MongoCollection, _ server: Saboteur) async throws {
        try await server.fail(["insert"], times: 2) {
            $0.append("blockConnection", true)
            $0.append("blockTimeMS", Int32(1500))
        }
        let insert = await failure { () async throws(MongoError) in try await items.insert(numbered(30)) }
        #expect(insert?.code == .unknownOutcome)
        try await eventually { try await items.findOne(numbered(30)) != nil }
    }

    /// The server cannot recognise the repetition of a change to many documents, so there is none.
    private func manyDocuments(_ items: MongoCollection, _ server: Saboteur) async throws {
        try await server.fail(["update", "delete"], times: 1) { $0.append("closeConnection", true) }
        let update = await failure { () async throws(MongoError) in
            try await items.update(BSONDocument(), update: increment, many: true)
        }
        #expect(update?.code == .unknownOutcome)
        try await server.fail(["update", "delete"], times: 1) { $0.append("errorCode", Int32(10107)) }
        let remove = await failure { () async throws(MongoError) in try await items.delete(BSONDocument(), many: true) }
        #expect(remove?.code == .unknownOutcome)
        #expect(try await items.count() > 0)
    }
}

/// Makes the server fail.
private struct Saboteur {
    let database: MongoDatabase

    /// Fails the next commands of these names before they are executed.
    func fail(_ commands: [String], times: Int, _ how: (inout BSONWriter) -> Void) async throws {
        try await database.runCommand(
            BSONDocument { writer in
                writer.append("configureFailPoint", "failCommand")
                writer.document("mode") { $0.append("times", Int32(times)) }
                writer.document("data") {
                    $0.append("failCommands", commands)
                    how(&$0)
                }
            }, database: "admin")
    }

    /// Executes the next retryable writes and closes the connection instead of answering.
    func loseAnswers(of times: Int) async throws {
        try await database.runCommand(
            BSONDocument { writer in
                writer.append("configureFailPoint", "onPrimaryTransactionalWrite")
                writer.document("mode") { $0.append("times", Int32(times)) }
                writer.document("data") { $0.append("closeConnection", true) }
            }, database: "admin")
    }
}
