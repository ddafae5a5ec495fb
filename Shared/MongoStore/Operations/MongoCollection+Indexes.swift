extension MongoCollection {
    /// Creates the indexes that do not exist yet, and the collection with them. A `readWrite` user may do so.
    /// - Throws: ``MongoError/Code/refused`` if an index of that name or keys exists with other options;
    ///   ``MongoError/Code/duplicateKey`` if a unique index is impossible because of the documents.
    public func createIndexes(
        _ indexes: [MongoIndex], writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        guard !indexes.isEmpty else { return }
        let command = BSONDocument { writer in
            writer.append("createIndexes", name)
            writer.append("indexes", indexes.map(\.bson))
            writer.append("writeConcern", writeConcern.bson)
        }
        _ = try await database.write { client throws(MongoError) in try client.write(command) }
    }

    /// Removes an index. Nothing happens if it, or the collection, does not exist. A `readWrite` user may do so.
    public func dropIndex(
        _ index: String, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        let command = BSONDocument { writer in
            writer.append("dropIndexes", name)
            writer.append("index", index)
            writer.append("writeConcern", writeConcern.bson)
        }
        do throws(MongoError) {
            _ = try await database.write { client throws(MongoError) in try client.write(command) }
        } catch {
            // NamespaceNotFound, IndexNotFound
            guard error.serverCode == 26 || error.serverCode == 27 else { throw error }
        }
    }
}

extension MongoIndex {
    fileprivate var bson: BSONDocument {
        BSONDocument { writer in
            writer.append("name", name)
            writer.document("key") { keys in
                for key in self.keys { keys.append(key.field, key.direction.rawValue) }
            }
            if unique { writer.append("unique", true) }
            writer.append("expireAfterSeconds", expireAfterSeconds)
            writer.append("partialFilterExpression", partialFilter)
            writer.append("collation", collation)
        }
    }
}
