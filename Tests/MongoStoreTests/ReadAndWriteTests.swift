import MongoStore
import TestSupport
import Testing

@Suite("A collection")
struct ReadAndWriteTests {
    @Test func `gives back the bytes that were stored`() async throws {
        try await withStore { database, _ in
            let documents = database.collection("documents")
            let document = numbered(1) { writer in
                writer.append("text", "Grüße 🐦")
                writer.append("binary", BSONBinary([0, 1, 255], subtype: 4))
                writer.append("date", BSONDate(1_795_471_898_123))
                writer.append("int32", Int32(5))
                writer.append("double", 0.1)
                writer.append("bool", true)
                writer.append("null", BSONNull())
                writer.append("objectID", BSONObjectID(Array(1...12))!)
                writer.append("decimal", BSONDecimal128(high: 0x3040_0000_0000_0000, low: 42))
                writer.append("regex", BSONRegex("^a", options: "i"))
                writer.append("timestamp", BSONTimestamp(seconds: 1, increment: 2))
                writer.append("list", ["a", "b"])
                writer.document("nested") { $0.append("x", 1) }
            }
            try await documents.insert(document)
            #expect(try await documents.findOne(numbered(1)) == document)
            #expect(try await documents.findOne(numbered(2)) == nil)
        }
    }

    @Test func `finds with sort, skip, limit and projection`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            _ = try await items.insertMany(
                (0..<20).map { id in
                    numbered(id) {
                        $0.append("group", id % 2)
                        $0.append("noise", "x")
                    }
                })
            let even = BSONDocument { $0.append("group", 0) }
            let found = try await items.find(
                even, sort: BSONDocument { $0.append("_id", -1) }, projection: BSONDocument { $0.append("_id", 1) },
                skip: 1, limit: 3)
            #expect(try found.identifiers == [16, 14, 12])
            #expect(found.allSatisfy { !$0.has("noise") })
            #expect(try await items.find().count == 20)
            #expect(try await items.count() == 20)
            #expect(try await items.count(even) == 10)
            #expect(try await items.count(even, limit: 4) == 4)
            #expect(try await items.count(numbered(99)) == 0)
            #expect(try await items.find(readConcern: .local).count == 20)
            #expect(try await items.findOne(numbered(3), readConcern: .linearizable) != nil)
        }
    }

    @Test func `reads results that take several answers of the server`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            for start in stride(from: 0, to: 3500, by: 500) {
                _ = try await items.insertMany((start..<start + 500).map { numbered($0) })
            }
            let byID = BSONDocument { $0.append("_id", 1) }
            #expect(try await items.find(sort: byID).identifiers == Array(0..<3500))
            #expect(try await items.find(sort: byID, limit: 2500).identifiers == Array(0..<2500))
            #expect(try await items.aggregate([BSONDocument { $0.append("$sort", byID) }]).count == 3500)
        }
    }

    @Test func `maps what it finds, and says so when it cannot`() async throws {
        struct Item: BSONMappable, Equatable {
            var id: Int64
            var name: String
            init(id: Int64, name: String) { (self.id, self.name) = (id, name) }
            init(bson: BSONDocument) throws(BSONError) {
                id = try bson.int64("_id")
                name = try bson.string("name")
            }
            func write(to writer: inout BSONWriter) {
                writer.append("_id", id)
                writer.append("name", name)
            }
        }
        try await withStore { database, _ in
            let items = database.collection("items")
            try await items.insert(Item(id: 1, name: "one"))
            #expect(try await items.findOne(numbered(1), as: Item.self) == Item(id: 1, name: "one"))
            #expect(try await items.find(as: Item.self) == [Item(id: 1, name: "one")])
            try await items.insert(numbered(2))
            let error = await failure { () async throws(MongoError) in try await items.find(as: Item.self) }
            #expect(error?.code == .invalidDocument)
        }
    }

    @Test func `updates one or many, with operators, pipelines, array filters and upsert`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            _ = try await items.insertMany((0..<4).map { id in numbered(id) { $0.append("n", [1, 2, 3]) } })
            let set = BSONDocument { $0.document("$set") { $0.append("seen", true) } }
            #expect(
                try await items.update(numbered(1), update: set)
                    == UpdateResult(matched: 1, modified: 1, upserted: false))
            #expect(
                try await items.update(numbered(1), update: set)
                    == UpdateResult(matched: 1, modified: 0, upserted: false))
            #expect(
                try await items.update(BSONDocument(), update: set, many: true)
                    == UpdateResult(matched: 4, modified: 3, upserted: false))
            #expect(
                try await items.update(numbered(9), update: set)
                    == UpdateResult(matched: 0, modified: 0, upserted: false))
            #expect(
                try await items.update(numbered(9), update: set, upsert: true)
                    == UpdateResult(matched: 0, modified: 0, upserted: true))
            let sum = BSONDocument { $0.document("$set") { $0.document("sum") { $0.append("$sum", "$n") } } }
            _ = try await items.update(numbered(0), pipeline: [sum])
            #expect(try await items.findOne(numbered(0))?.int64("sum") == 6)
            _ = try await items.update(
                numbered(0), update: BSONDocument { $0.document("$set") { $0.append("n.$[two]", 20) } },
                arrayFilters: [BSONDocument { $0.append("two", 2) }])
            #expect(try await items.findOne(numbered(0))?.int64s("n") == [1, 20, 3])
        }
    }

    @Test func `applies many updates at once and tells which failed`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            try await items.createIndexes([MongoIndex(name: "name_unique", ascending: ["name"], unique: true)])
            _ = try await items.insertMany((0..<5).map { id in numbered(id) { $0.append("name", "\(id)") } })
            func rename(_ id: Int, _ name: String, upsert: Bool = false) -> UpdateStatement {
                UpdateStatement(
                    filter: numbered(id),
                    update: .operators(BSONDocument { $0.document("$set") { $0.append("name", name) } }),
                    upsert: upsert)
            }
            let statements = [
                rename(0, "a"), rename(1, "2"), rename(2, "b"), rename(7, "c", upsert: true), rename(8, "d"),
            ]
            let result = try await items.bulkUpdate(statements)
            #expect(result.matched == 2)
            #expect(result.modified == 2)
            #expect(result.upserted == [3])
            #expect(result.failures.map(\.index) == [1])
            #expect(result.failures.first?.duplicate?.index == "name_unique")
            let ordered = try await items.bulkUpdate([rename(0, "3"), rename(4, "z")], ordered: true)
            #expect(ordered.failures.map(\.index) == [0])
            #expect(try await items.findOne(numbered(4))?.string("name") == "4")
            #expect(try await items.bulkUpdate([]).matched == 0)
        }
    }

    @Test func `finds and modifies, replaces or removes`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            _ = try await items.insertMany((0..<3).map { id in numbered(id) { $0.append("n", 1) } })
            let increment = FindAndModifyAction.update(
                .operators(BSONDocument { $0.document("$inc") { $0.append("n", 1) } }))
            #expect(try await items.findAndModify(numbered(0), increment)?.int64("n") == 2)
            #expect(try await items.findAndModify(numbered(0), increment, returnNew: false)?.int64("n") == 2)
            #expect(try await items.findAndModify(numbered(9), increment) == nil)
            #expect(try await items.findAndModify(numbered(9), increment, upsert: true)?.int64("n") == 1)
            let last = try await items.findAndModify(
                BSONDocument(), .remove, sort: BSONDocument { $0.append("_id", -1) },
                projection: BSONDocument { $0.append("_id", 1) })
            #expect(last == numbered(9))
            let replaced = try await items.findAndModify(numbered(1), .replace(numbered(1) { $0.append("new", true) }))
            #expect(try replaced?.bool("new") == true)
            #expect(replaced?.has("n") == false)
            let pipeline = FindAndModifyAction.update(
                .pipeline([BSONDocument { $0.document("$set") { $0.append("copy", "$n") } }]))
            #expect(try await items.findAndModify(numbered(2), pipeline)?.int64("copy") == 1)
        }
    }

    @Test func `deletes one or many`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            _ = try await items.insertMany((0..<5).map { numbered($0) })
            #expect(try await items.delete(numbered(1)) == 1)
            #expect(try await items.delete(numbered(1)) == 0)
            #expect(try await items.delete(BSONDocument()) == 1)
            #expect(try await items.delete(BSONDocument(), many: true) == 3)
        }
    }

    @Test func `aggregates`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            _ = try await items.insertMany((1...4).map { id in numbered(id) { $0.append("group", id % 2) } })
            let answer = try await items.aggregate([
                BSONDocument {
                    $0.document("$group") {
                        $0.append("_id", "$group")
                        $0.document("sum") { $0.append("$sum", "$_id") }
                    }
                },
                BSONDocument { $0.document("$sort") { $0.append("_id", 1) } },
            ])
            #expect(try answer.map { try $0.int64("sum") } == [6, 4])
        }
    }

    @Test func `creates indexes again and again, but not two of one name`() async throws {
        try await withStore { database, _ in
            let items = database.collection("items")
            let indexes = [
                MongoIndex(name: "a_b", keys: [.init("a"), .init("b", .descending)], unique: true),
                MongoIndex(name: "expiry", keys: [.init("at")], expireAfterSeconds: 3600),
                MongoIndex(
                    name: "partial", keys: [.init("p")],
                    partialFilter: BSONDocument { $0.document("p") { $0.append("$exists", true) } }),
                MongoIndex(
                    name: "caseless", keys: [.init("c")], unique: true,
                    collation: BSONDocument {
                        $0.append("locale", "en")
                        $0.append("strength", Int32(2))
                    }),
            ]
            try await items.createIndexes(indexes)
            try await items.createIndexes(indexes)
            try await items.createIndexes([])
            let stored = try await database.runCommand(BSONDocument { $0.append("listIndexes", "items") })
                .document("cursor").documents("firstBatch")
            #expect(try stored.map { try $0.string("name") } == ["_id_", "a_b", "expiry", "partial", "caseless"])
            #expect(try stored[1].document("key").elements().map(\.key) == ["a", "b"])
            #expect(try stored[2].int64("expireAfterSeconds") == 3600)
            let other = await failure { () async throws(MongoError) in
                try await items.createIndexes([MongoIndex(name: "a_b", ascending: ["z"])])
            }
            #expect(other?.code == .refused)
            try await items.dropIndex("a_b")
            try await items.dropIndex("a_b")
            try await database.collection("absent").dropIndex("a_b")
            let left = try await database.runCommand(BSONDocument { $0.append("listIndexes", "items") })
                .document("cursor").documents("firstBatch")
            #expect(try left.map { try $0.string("name") } == ["_id_", "expiry", "partial", "caseless"])
            func bird(_ id: Int, _ name: String) -> BSONDocument {
                numbered(id) {
                    $0.append("a", id)
                    $0.append("c", name)
                }
            }
            try await items.insert(bird(1, "Bird"))
            let caseless = await failure { () async throws(MongoError) in
                try await items.insert(bird(2, "bIRD"))
            }
            #expect(caseless?.code == .duplicateKey)
            #expect(caseless?.index?.hasPrefix("caseless") == true)
            #expect(caseless?.keyPattern == ["c"])
            let twice = database.collection("twice")
            _ = try await twice.insertMany((0..<2).map { id in numbered(id) { $0.append("k", 1) } })
            let impossible = await failure { () async throws(MongoError) in
                try await twice.createIndexes([MongoIndex(name: "k", ascending: ["k"], unique: true)])
            }
            #expect(impossible?.code == .duplicateKey)
        }
    }

    @Test func `can be used by someone who may read and write in one database only, who may also create its indexes`()
        async throws
    {
        try await withStore { database, _ in
            try await database.ping()
            let items = database.collection("items")
            try await items.createIndexes([MongoIndex(name: "k", ascending: ["k"], unique: true)])
            try await items.insert(numbered(1))
            #expect(try await items.count() == 1)
            let foreign = await failure { () async throws(MongoError) in
                try await database.runCommand(
                    BSONDocument { writer in
                        writer.append("insert", "items")
                        writer.append("documents", [numbered(1) { $0.append("secret", "swordfish") }])
                    }, database: "elsewhere")
            }
            #expect(foreign?.code == .refused)
            #expect(foreign?.serverCode == 13)
            #expect(foreign?.message.contains("not authorized") == true)
            #expect(foreign?.message.contains("swordfish") == false)
        }
    }

    @Test func `goes with its database`() async throws {
        let access = try await SharedDatabase.replicaSet().administratorAccess()
        try await withStore(access.configuration(threads: 1)) { database in
            let items = database.collection("items")
            try await items.insert(numbered(1))
            try await database.drop()
            #expect(try await items.count() == 0)
        }
    }
}
