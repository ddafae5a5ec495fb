import CMongoC

extension MongoCollection {
    /// Changes the first document that matches, or all of them.
    /// - Parameter update: operators such as `$set`.
    /// - Throws: ``MongoError/Code/duplicateKey`` if a unique index forbids it.
    public func update(
        _ filter: BSONDocument, update: BSONDocument, many: Bool = false, upsert: Bool = false,
        arrayFilters: [BSONDocument] = [], writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> UpdateResult {
        try await apply(
            UpdateStatement(filter: filter, update: .operators(update), upsert: upsert, arrayFilters: arrayFilters),
            many: many, writeConcern: writeConcern)
    }

    /// Changes the first document that matches, or all of them, with an aggregation pipeline.
    /// - Throws: ``MongoError/Code/duplicateKey`` if a unique index forbids it.
    public func update(
        _ filter: BSONDocument, pipeline: [BSONDocument], many: Bool = false, upsert: Bool = false,
        writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> UpdateResult {
        try await apply(
            UpdateStatement(filter: filter, update: .pipeline(pipeline), upsert: upsert), many: many,
            writeConcern: writeConcern)
    }

    /// Applies many updates, each to the first document that matches, with as few commands as possible.
    /// - Throws: ``MongoError/Code/unknownOutcome`` if the connection, the time or the write concern failed, whatever
    ///   else happened to single statements.
    public func bulkUpdate(
        _ statements: [UpdateStatement], ordered: Bool = false, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> BulkUpdateResult {
        guard !statements.isEmpty else {
            return BulkUpdateResult(matched: 0, modified: 0, upserted: [], failures: [])
        }
        let reply = try await execute(statements, many: false, ordered: ordered, writeConcern: writeConcern)
        return BulkUpdateResult(
            matched: reply.matched, modified: reply.modified, upserted: reply.upserted, failures: reply.failures)
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
        let command = BSONDocument { writer in
            writer.append("findAndModify", name)
            writer.append("query", filter)
            writer.append("sort", sort)
            writer.append("fields", projection)
            switch action {
            case .update(.operators(let operators)): writer.append("update", operators)
            case .update(.pipeline(let pipeline)): writer.append("update", pipeline)
            case .replace(let document): writer.append("update", document)
            case .remove: writer.append("remove", true)
            }
            if action != .remove {
                writer.append("upsert", upsert)
                writer.append("new", returnNew)
            }
            if !arrayFilters.isEmpty { writer.append("arrayFilters", arrayFilters) }
            writer.append("maxTimeMS", maxTime.milliseconds)
            writer.append("writeConcern", writeConcern.bson)
        }
        let reply = try await database.write { client throws(MongoError) in try client.write(command) }
        do throws(BSONError) {
            return try reply.optionalDocument("value")
        } catch {
            throw MongoError(error)
        }
    }

    /// Deletes the first document that matches, or all of them.
    /// - Returns: how many were deleted.
    @discardableResult
    public func delete(
        _ filter: BSONDocument, many: Bool = false, writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) -> Int {
        let options = BSONDocument { $0.append("writeConcern", writeConcern.bson) }
        let reply = try await database.write { [name] client throws(MongoError) in
            try client.bulk(collection: name, options: options, statements: many ? .max : 1) { bulk, error in
                filter.withBytes { martlet_bulk_remove(bulk, many, $0, $1, &error) }
            }
        }
        if let failure = reply.failures.first { throw failure.error }
        return reply.removed
    }

    private func apply(
        _ statement: UpdateStatement, many: Bool, writeConcern: WriteConcern
    ) async throws(MongoError) -> UpdateResult {
        let reply = try await execute([statement], many: many, ordered: true, writeConcern: writeConcern)
        if let failure = reply.failures.first { throw failure.error }
        return UpdateResult(matched: reply.matched, modified: reply.modified, upserted: !reply.upserted.isEmpty)
    }

    private func execute(
        _ statements: [UpdateStatement], many: Bool, ordered: Bool, writeConcern: WriteConcern
    ) async throws(MongoError) -> WriteReply {
        let options = BSONDocument { writer in
            writer.append("ordered", ordered)
            writer.append("writeConcern", writeConcern.bson)
        }
        return try await database.write { [name] client throws(MongoError) in
            try client.bulk(
                collection: name, options: options, statements: many ? .max : statements.count
            ) { bulk, error in
                statements.allSatisfy { $0.add(to: bulk, many: many, &error) }
            }
        }
    }
}

extension UpdateStatement {
    fileprivate func add(to bulk: OpaquePointer, many: Bool, _ error: inout bson_error_t) -> Bool {
        let change =
            switch update {
            case .operators(let operators): operators
            case .pipeline(let pipeline): BSONDocument(arrayOf: pipeline)
            }
        let options = BSONDocument { writer in
            writer.append("upsert", upsert)
            if !arrayFilters.isEmpty { writer.append("arrayFilters", arrayFilters) }
        }
        return filter.withBytes { filter, filterSize in
            change.withBytes { change, changeSize in
                options.withBytes {
                    martlet_bulk_update(bulk, many, filter, filterSize, change, changeSize, $0, $1, &error)
                }
            }
        }
    }
}
