extension MongoCollection {
    /// Stores one document.
    public func insert(
        _ document: BSONDocument, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        fatalError("not reached yet")
    }

    /// Stores a mapped value.
    public func insert(
        _ value: some BSONMappable, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        fatalError("not reached yet")
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
        fatalError("not reached yet")
    }
}
