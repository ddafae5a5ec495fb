extension MongoCollection {
    /// Creates the indexes that do not exist yet, and the collection with them. A `readWrite` user may do so.
    /// - Throws: ``MongoError/Code/refused`` if an index of that name or keys exists with other options;
    ///   ``MongoError/Code/duplicateKey`` if a unique index is impossible because of the documents.
    public func createIndexes(
        _ indexes: [MongoIndex], writeConcern: WriteConcern = .majorityJournaled
    ) async throws(MongoError) {
        fatalError("not reached yet")
    }
}
