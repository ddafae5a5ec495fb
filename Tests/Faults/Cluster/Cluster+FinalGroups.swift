import FaultHistory
import MongoStore

// What is stored of groups when all has come to rest.
extension Cluster {
    nonisolated func storedGroups() async throws(ClusterError) -> [StoredGroup] {
        let database = try await serviceDatabase("messages")
        do {
            let groups = try await groupIDs(in: database)
            var entries: [String: [StoredGroup.Entry]] = [:]
            for document in try await database.collection("messages").find(maxTime: .seconds(60)) {
                let (conversation, number) = try place(of: document)
                // The number of a change is no entry.
                guard groups.contains(conversation), try document.optionalInt64("m") == nil else { continue }
                let line = try document.optionalDocument("g").map { line throws(BSONError) in
                    StoredGroup.Line(kind: try line.string("k"), users: try line.binaries("u").map(hexadecimal))
                }
                entries[conversation, default: []].append(
                    .init(
                        seq: number, sender: hexadecimal(try document.binary("s")),
                        id: hexadecimal(try document.binary("i")), line: line))
            }
            var members: [String: [String]] = [:]
            for document in try await database.collection("memberships").find(maxTime: .seconds(60)) {
                guard try document.optionalString("o") != nil else { continue }
                members[hexadecimal(try document.binary("c")), default: []].append(
                    hexadecimal(try document.binary("u")))
            }
            return groups.sorted().map { id in
                StoredGroup(
                    conversation: id, entries: (entries[id] ?? []).sorted { $0.seq < $1.seq },
                    members: (members[id] ?? []).sorted())
            }
        } catch {
            throw ClusterError("the stored groups cannot be read", cause: error)
        }
    }

    /// The ids of all groups.
    nonisolated func groupIDs(in database: MongoDatabase) async throws -> Set<String> {
        var ids: Set<String> = []
        for document in try await database.collection("conversations").find(maxTime: .seconds(60))
        where try document.optionalDocument("g") != nil {
            ids.insert(hexadecimal(try document.binary("_id")))
        }
        return ids
    }

    /// The conversation and the number of a document of the collection `messages`.
    nonisolated func place(of document: BSONDocument) throws -> (conversation: String, number: Int64) {
        let id = try document.binary("_id")
        guard id.count == 24 else { throw ClusterError("a message's _id has \(id.count) bytes instead of 24") }
        let number = Int64(bitPattern: id.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        return (hexadecimal(Array(id.prefix(16))), number)
    }
}
