import LocalStack
import MongoStore
import TestSupport
import Testing

@Suite("An error")
struct OutcomeTests {
    @Test func `of the write concern is an unknown outcome, for every kind of write, although the write is there`()
        async throws
    {
        try await withStore { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(0))
            let three = WriteConcern(.members(3), journal: false, timeout: .milliseconds(100))
            let set = BSONDocument { $0.document("$set") { $0.append("x", true) } }
            let errors = [
                await failure { () async throws(MongoError) in try await items.insert(numbered(1), writeConcern: three)
                },
                await failure { () async throws(MongoError) in
                    try await items.insertMany([numbered(2), numbered(0), numbered(3)], writeConcern: three)
                },
                await failure { () async throws(MongoError) in
                    try await items.update(numbered(0), update: set, writeConcern: three)
                },
                await failure { () async throws(MongoError) in
                    try await items.findAndModify(numbered(1), .update(.operators(set)), writeConcern: three)
                },
                await failure { () async throws(MongoError) in
                    try await items.delete(numbered(2), writeConcern: three)
                },
            ]
            for error in errors {
                #expect(error?.code == .unknownOutcome)
                #expect(error?.outcomeUnknown == true)
            }
            // Nobody waited for the majority, so it may have the writes a little later.
            try await eventually("the writes are there") {
                let stored = try await items.find(sort: BSONDocument { $0.append("_id", 1) })
                return try stored.identifiers == [0, 1] && stored.allSatisfy { $0.has("x") }
            }
        }
    }

    @Test func `of wrong credentials is a refusal`() async throws {
        try await withDatabase { access in
            var configuration = access.configuration(threads: 1)
            configuration.password = "wrong"
            try await withStore(configuration) { database in
                let items = database.collection("items")
                let insert = await failure { () async throws(MongoError) in try await items.insert(numbered(1)) }
                #expect(insert?.code == .refused)
                #expect(insert?.description.contains("wrong") == false)
                let find = await failure { () async throws(MongoError) in try await items.find() }
                #expect(find?.code == .refused)
                let ping = await failure { () async throws(MongoError) in try await database.ping() }
                #expect(ping?.code == .refused)
            }
        }
    }

    @Test func `of a server that is not there is unavailable, for reads and writes, within the time limit`()
        async throws
    {
        let port = try FreePort.find()
        var configuration = MongoConfiguration(uri: "mongodb://127.0.0.1:\(port)/?replicaSet=r", database: "test")
        configuration.threads = 2
        configuration.serverSelectionTimeout = .milliseconds(300)
        try await withStore(configuration) { database in
            let items = database.collection("items")
            let start = ContinuousClock.now
            let errors = [
                await failure { () async throws(MongoError) in try await items.insert(numbered(1)) },
                await failure { () async throws(MongoError) in try await items.insertMany([numbered(1), numbered(2)]) },
                await failure { () async throws(MongoError) in
                    try await items.update(
                        numbered(1), update: BSONDocument { $0.document("$set") { $0.append("a", 1) } })
                },
                await failure { () async throws(MongoError) in try await items.delete(numbered(1)) },
                await failure { () async throws(MongoError) in try await items.findAndModify(numbered(1), .remove) },
                await failure { () async throws(MongoError) in try await items.find() },
                await failure { () async throws(MongoError) in try await items.aggregate([]) },
                await failure { () async throws(MongoError) in try await database.ping(timeout: .milliseconds(200)) },
            ]
            for error in errors {
                #expect(error?.code == .unavailable)
                #expect(error?.outcomeUnknown == false)
            }
            // The driver's own limit is 30 s for each.
            #expect(ContinuousClock.now - start < .seconds(60))
        }
    }

    @Test func `of a malformed request is a refusal`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            let unknownOperator = BSONDocument { $0.document("$nonsense") { $0.append("a", 1) } }
            let notAnOperator = BSONDocument { $0.append("a", 1) }
            let errors = [
                await failure { () async throws(MongoError) in
                    try await items.find(BSONDocument { $0.document("a") { $0.append("$nonsense", 1) } })
                },
                await failure { () async throws(MongoError) in
                    try await items.update(numbered(1), update: unknownOperator)
                },
                await failure { () async throws(MongoError) in
                    try await items.update(numbered(1), update: notAnOperator)
                },
                await failure { () async throws(MongoError) in
                    try await items.aggregate([BSONDocument { $0.append("$nonsense", 1) }])
                },
                await failure { () async throws(MongoError) in
                    try await database.runCommand(BSONDocument { $0.append("nonsense", 1) })
                },
            ]
            for error in errors { #expect(error?.code == .refused) }
        }
    }

    @Test func `of a document that is too large is about the document, and the connection stays usable`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            let large = String(repeating: "x", count: 17 << 20)
            let error = await failure { () async throws(MongoError) in
                try await items.insert(numbered(1) { $0.append("text", large) })
            }
            #expect(error?.code == .invalidDocument || error?.code == .refused)
            try await items.insert(numbered(1))
        }
    }

    @Test func `of a configuration that makes no sense is thrown at once`() {
        for uri in ["nonsense", "mongodb://", "mongodb://a:b:c:d/"] {
            #expect(throws: MongoError.self) {
                try MongoDatabase(configuration: MongoConfiguration(uri: uri, database: "test"), logger: quiet)
            }
        }
        var threadless = MongoConfiguration(uri: "mongodb://127.0.0.1", database: "test")
        threadless.threads = 0
        #expect(throws: MongoError.self) { try MongoDatabase(configuration: threadless, logger: quiet) }
    }

    @Test func `of an exceeded time limit leaves a read unavailable`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            let slow = BSONDocument { $0.append("$where", "sleep(2000) || true") }
            let error = await failure { () async throws(MongoError) in
                try await items.find(slow, maxTime: .milliseconds(100))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.serverCode == 50)
        }
    }
}
