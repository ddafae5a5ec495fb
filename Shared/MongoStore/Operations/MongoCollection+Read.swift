// Nothing is unknown about a read, so a lost connection is ``MongoError/Code/unavailable`` here.
extension MongoCollection {
    /// The documents that match, all in memory: give a limit unless their number is bounded otherwise.
    /// - Parameters:
    ///   - sort: fields with 1 or -1, in order.
    ///   - maxTime: how long the server may work on it.
    public func find(
        _ filter: BSONDocument = BSONDocument(), sort: BSONDocument? = nil, projection: BSONDocument? = nil,
        skip: Int? = nil, limit: Int? = nil, readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> [BSONDocument] {
        fatalError("not reached yet")
    }

    /// The documents that match, mapped.
    /// - Throws: ``MongoError/Code/invalidDocument`` if one of them cannot be mapped.
    public func find<Value: BSONMappable>(
        _ filter: BSONDocument = BSONDocument(), as type: Value.Type, sort: BSONDocument? = nil,
        projection: BSONDocument? = nil, skip: Int? = nil, limit: Int? = nil, readConcern: ReadConcern = .majority,
        maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> [Value] {
        fatalError("not reached yet")
    }

    /// The first document that matches.
    public func findOne(
        _ filter: BSONDocument, sort: BSONDocument? = nil, projection: BSONDocument? = nil,
        readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> BSONDocument? {
        fatalError("not reached yet")
    }

    /// The first document that matches, mapped.
    public func findOne<Value: BSONMappable>(
        _ filter: BSONDocument, as type: Value.Type, sort: BSONDocument? = nil, projection: BSONDocument? = nil,
        readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> Value? {
        fatalError("not reached yet")
    }

    /// The documents that a pipeline gives, all in memory.
    public func aggregate(
        _ pipeline: [BSONDocument], readConcern: ReadConcern = .majority, maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> [BSONDocument] {
        fatalError("not reached yet")
    }

    /// How many documents match; counting stops at `limit`.
    public func count(
        _ filter: BSONDocument = BSONDocument(), limit: Int? = nil, readConcern: ReadConcern = .majority,
        maxTime: Duration = .seconds(5)
    ) async throws(MongoError) -> Int {
        fatalError("not reached yet")
    }
}
