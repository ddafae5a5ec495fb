/// A collection of a database. Cheap to make and copy.
public struct MongoCollection: Sendable {
    public let name: String
    let database: MongoDatabase
}
