extension MongoCollection {
    /// Changes the first document that matches, or all of them.
    public func update(
        _ filter: BSONDocument, update: BSONDocument, many: Bool = false, upsert: Bool = false,
        arrayFilters: [BSONDocument] = [], writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> UpdateResult {
        fatalError("not reached yet")
    }

    /// Changes the first document that matches, or all of them, with an aggregation pipeline.
    public func update(
        _ filter: BSONDocument, pipeline: [BSONDocument], many: Bool = false, upsert: Bool = false,
        writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> UpdateResult {
        fatalError("not reached yet")
    }

    /// Applies many updates, each to the first document that matches, with as few commands as possible.
    /// - Throws: ``MongoError/Code/unknownOutcome`` if the connection, the time or the write concern failed, whatever
    ///   else happened to single statements.
    public func bulkUpdate(
        _ statements: [UpdateStatement], ordered: Bool = false, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> BulkUpdateResult {
        fatalError("not reached yet")
    }

    /// Changes, replaces or removes the first document that matches.
    /// - Parameter returnNew: whether to return it as it is afterwards; meaningless for ``FindAndModifyAction/remove``.
    /// - Returns: the document before or after, nil if there was none.
    public func findAndModify(
        _ filter: BSONDocument, _ action: FindAndModifyAction, sort: BSONDocument? = nil,
        projection: BSONDocument? = nil, upsert: Bool = false, returnNew: Bool = true,
        arrayFilters: [BSONDocument] = [], writeConcern: WriteConcern = .majorityJournaled,
        maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> BSONDocument? {
        fatalError("not reached yet")
    }

    /// Deletes the first document that matches, or all of them.
    /// - Returns: how many were deleted.
    @discardableResult
    public func delete(
        _ filter: BSONDocument, many: Bool = false, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> Int {
        fatalError("not reached yet")
    }
}
