// Nothing is unknown about a read, so a lost connection is ``MongoError/Code/unavailable`` here.
extension MongoCollection {
    /// The documents that match, all in memory: give a limit unless their number is bounded otherwise.
    /// - Parameters:
    ///   - sort: fields with 1 or -1, in order.
    ///   - hint: the name of the index that the server has to use; nil leaves the choice to it. A read whose index
    ///     does not exist is refused.
    ///   - maxTime: how long the server may work on it.
    public func find(
        _ filter: BSONDocument = BSONDocument(), sort: BSONDocument? = nil, projection: BSONDocument? = nil,
        skip: Int? = nil, limit: Int? = nil, hint: String? = nil, readConcern: ReadConcern = .majority,
        maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> [BSONDocument] {
        let options = BSONDocument { writer in
            writer.append("sort", sort)
            writer.append("projection", projection)
            writer.append("skip", skip)
            writer.append("limit", limit)
            writer.append("hint", hint)
            // One more than the limit, so that the server sees the end within the first reply.
            writer.append("batchSize", limit.map { min($0, Self.batchSize) + 1 } ?? Self.batchSize)
            writer.append("maxTimeMS", maxTime.milliseconds)
            writer.append("readConcern", readConcern.bson)
        }
        return try await database.read { [name] client throws(MongoError) in
            try client.query(collection: name, aggregate: false, input: filter, options: options)
        }
    }

    /// The documents that match, mapped.
    /// - Throws: ``MongoError/Code/invalidDocument`` if one of them cannot be mapped.
    public func find<Value: BSONMappable>(
        _ filter: BSONDocument = BSONDocument(), as type: Value.Type, sort: BSONDocument? = nil,
        projection: BSONDocument? = nil, skip: Int? = nil, limit: Int? = nil, hint: String? = nil,
        readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> [Value] {
        let documents = try await find(
            filter, sort: sort, projection: projection, skip: skip, limit: limit, hint: hint,
            readConcern: readConcern, maxTime: maxTime)
        return try documents.map { document throws(MongoError) in try Value(stored: document) }
    }

    /// The first document that matches.
    public func findOne(
        _ filter: BSONDocument, sort: BSONDocument? = nil, projection: BSONDocument? = nil, hint: String? = nil,
        readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> BSONDocument? {
        try await find(
            filter, sort: sort, projection: projection, limit: 1, hint: hint, readConcern: readConcern,
            maxTime: maxTime
        ).first
    }

    /// The first document that matches, mapped.
    /// - Throws: ``MongoError/Code/invalidDocument`` if it cannot be mapped.
    public func findOne<Value: BSONMappable>(
        _ filter: BSONDocument, as type: Value.Type, sort: BSONDocument? = nil, projection: BSONDocument? = nil,
        hint: String? = nil, readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> Value? {
        let document = try await findOne(
            filter, sort: sort, projection: projection, hint: hint, readConcern: readConcern, maxTime: maxTime)
        guard let document else { return nil }
        return try Value(stored: document)
    }

    /// The documents that a pipeline gives, all in memory.
    public func aggregate(
        _ pipeline: [BSONDocument], readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> [BSONDocument] {
        let options = BSONDocument { writer in
            writer.append("batchSize", Self.batchSize)
            writer.append("maxTimeMS", maxTime.milliseconds)
            writer.append("readConcern", readConcern.bson)
        }
        let input = BSONDocument(arrayOf: pipeline)
        return try await database.read { [name] client throws(MongoError) in
            try client.query(collection: name, aggregate: true, input: input, options: options)
        }
    }

    /// How many documents match; counting stops at `limit`.
    public func count(
        _ filter: BSONDocument = BSONDocument(), limit: Int? = nil, readConcern: ReadConcern = .majority,
        maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> Int {
        var pipeline = [BSONDocument { $0.append("$match", filter) }]
        if let limit { pipeline.append(BSONDocument { $0.append("$limit", limit) }) }
        pipeline.append(BSONDocument { $0.append("$count", "n") })
        let response = try await aggregate(pipeline, readConcern: readConcern, maxTime: maxTime)
        do throws(BSONError) {
            return Int(try response.first?.int64("n") ?? 0)
        } catch {
            throw MongoError(error)
        }
    }

    /// How many documents the server sends in one reply; the rest comes in further ones.
    private static let batchSize = 1000
}

extension BSONMappable {
    fileprivate init(stored document: BSONDocument) throws(MongoError) {
        do throws(BSONError) {
            self = try Self(bson: document)
        } catch {
            throw MongoError(error)
        }
    }
}
