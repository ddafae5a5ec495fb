extension MongoCollection {
    /// Stores one document.
    /// - Throws: ``MongoError/Code/duplicateKey`` if a unique index forbids it.
    public func insert(
        _ document: BSONDocument, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        let result = try await insertMany([document], writeConcern: writeConcern)
        if let failure = result.failures.first { throw failure.error }
    }

    /// Stores a mapped value.
    /// - Throws: ``MongoError/Code/duplicateKey`` if a unique index forbids it.
    public func insert(
        _ value: some BSONMappable, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        try await insert(value.bson, writeConcern: writeConcern)
    }

    /// Stores documents with as few commands as possible. Give each an `_id`, so that a repetition is recognised.
    /// - Parameter ordered: whether to stop at the first failure.
    /// - Returns: what is known for every document. Duplicates and other refusals of single documents are in
    ///   ``InsertManyResult/failures``, not thrown.
    /// - Throws: ``MongoError/Code/unknownOutcome`` if the connection, the time or the write concern failed, whatever
    ///   else happened to single documents.
    public func insertMany(
        _ documents: [BSONDocument], ordered: Bool = true, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> InsertManyResult {
        guard !documents.isEmpty else { return InsertManyResult(insertedCount: 0, failures: []) }
        let options = BSONDocument { writer in
            writer.append("ordered", ordered)
            writer.append("writeConcern", writeConcern.bson)
            // The server checks again what the driver would: names of fields and the encoding of texts.
            writer.append("validate", false)
        }
        let reply = try await database.write { [name] client throws(MongoError) in
            try client.insert(documents, collection: name, options: options)
        }
        let isComplete =
            ordered
            ? reply.inserted == reply.failures.first?.index ?? documents.count
            : reply.inserted + reply.failures.count == documents.count
        guard isComplete else {
            throw MongoError(.unknownOutcome, message: "the reply does not account for every document")
        }
        return InsertManyResult(insertedCount: reply.inserted, failures: reply.failures)
    }
}
