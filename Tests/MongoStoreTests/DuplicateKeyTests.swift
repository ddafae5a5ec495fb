import MongoStore
import TestSupport
import Testing

@Suite("A duplicate key")
struct DuplicateKeyTests {
    /// A message log with the three unique indexes of a chat.
    private func log(_ database: MongoDatabase) async throws -> MongoCollection {
        let log = database.collection("log")
        try await log.createIndexes([
            MongoIndex(name: "revision", ascending: ["c", "r"], unique: true),
            MongoIndex(name: "client id", ascending: ["c", "s", "i"], unique: true),
        ])
        return log
    }

    private func entry(_ id: Int, revision: Int? = nil, clientID: Int? = nil) -> BSONDocument {
        numbered(id) {
            $0.append("c", "conversation")
            $0.append("r", revision ?? id)
            $0.append("s", "sender")
            $0.append("i", clientID ?? id)
        }
    }

    @Test func `at any position of an ordered insert stores what is before it and names position and index`()
        async throws
    {
        try await withStore { database, _ in
            let log = try await log(database)
            try await log.insert(entry(0))
            let kinds: [(index: String, keys: [String], make: (Int) -> BSONDocument)] = [
                ("_id_", ["_id"], { _ in entry(0, revision: -1, clientID: -1) }),
                ("revision", ["c", "r"], { entry($0, revision: 0) }),
                ("client id", ["c", "s", "i"], { entry($0, clientID: 0) }),
            ]
            for position in 0..<6 {
                for kind in kinds {
                    _ = try await log.delete(
                        BSONDocument { $0.document("_id") { $0.append("$gt", 0) } }, many: true)
                    var batch = (1...6).map { entry($0) }
                    batch[position] = kind.make(position + 1)
                    let result = try await log.insertMany(batch, ordered: true)
                    #expect(result.insertedCount == position)
                    #expect(result.failures.map(\.index) == [position])
                    #expect(result.failures.first?.code == 11000)
                    #expect(
                        result.failures.first?.duplicate
                            == WriteFailure.Duplicate(index: kind.index, keyPattern: kind.keys))
                    let stored = try await log.find(sort: BSONDocument { $0.append("_id", 1) })
                    #expect(try stored.identifiers == Array(0...position))
                }
            }
        }
    }

    @Test func `in an unordered insert keeps nothing else from being stored`() async throws {
        try await withStore { database, _ in
            let log = try await log(database)
            try await log.insert(entry(0))
            let batch = [entry(1), entry(2, revision: 0), entry(3), entry(0), entry(5, clientID: 0), entry(6)]
            let result = try await log.insertMany(batch, ordered: false)
            #expect(result.insertedCount == 3)
            #expect(result.failures.map(\.index) == [1, 3, 4])
            #expect(result.failures.map(\.duplicate?.index) == ["revision", "_id_", "client id"])
            #expect(try await log.count() == 4)
        }
    }

    @Test func `is thrown by a single insert, update or find-and-modify, without showing the key`() async throws {
        try await withStore { database, _ in
            let log = try await log(database)
            try await log.insert(entry(1))
            try await log.insert(entry(2))
            let change = BSONDocument { $0.document("$set") { $0.append("r", 1) } }
            let errors = [
                await failure { () async throws(MongoError) in try await log.insert(entry(3, revision: 1)) },
                await failure { () async throws(MongoError) in try await log.update(numbered(2), update: change) },
                await failure { () async throws(MongoError) in
                    try await log.findAndModify(numbered(2), .update(.operators(change)))
                },
            ]
            for error in errors {
                #expect(error?.code == .duplicateKey)
                #expect(error?.index == "revision")
                #expect(error?.keyPattern == ["c", "r"])
                #expect(error?.serverCode == 11000)
                #expect(error?.outcomeUnknown == false)
                #expect(error?.description.contains("conversation") == false)
            }
        }
    }

    @Test func `is the only failure: a batch without one is stored whole, also a large one`() async throws {
        try await withStore { database, _ in
            let log = try await log(database)
            let batch = (0..<256).map { entry($0) }
            #expect(try await log.insertMany(batch) == InsertManyResult(insertedCount: 256, failures: []))
            #expect(try await log.insertMany([]) == InsertManyResult(insertedCount: 0, failures: []))
            // Larger than one message to the server may be, so the driver must send several.
            let heavy = String(repeating: "x", count: 1 << 20)
            let large = (0..<60).map { id in
                numbered(1000 + id) {
                    $0.append("c", "heavy")
                    $0.append("r", id)
                    $0.append("i", id)
                    $0.append("text", heavy)
                }
            }
            #expect(try await log.insertMany(large).insertedCount == 60)
        }
    }
}
