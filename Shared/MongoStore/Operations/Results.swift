/// What became of one document or statement that a bulk write could not apply.
public struct WriteFailure: Sendable, Hashable {
    /// The unique index that a duplicate hit.
    public struct Duplicate: Sendable, Hashable {
        /// The index's name, nil if the server did not say.
        public let index: String?
        /// The index's fields in order, empty if the server did not say.
        public let keyPattern: [String]

        public init(index: String?, keyPattern: [String]) {
            self.index = index
            self.keyPattern = keyPattern
        }
    }

    /// The position in the input.
    public let index: Int
    /// The server's error code.
    public let code: Int
    /// Set if it is a duplicate key.
    public let duplicate: Duplicate?
    public let message: String

    public init(index: Int, code: Int, duplicate: Duplicate?, message: String) {
        self.index = index
        self.code = code
        self.duplicate = duplicate
        self.message = message
    }
}

/// The result of a bulk insert whose outcome is known for every document.
public struct InsertManyResult: Sendable, Hashable {
    /// How many documents are stored. For an ordered insert they are the first ones.
    public let insertedCount: Int
    /// Those that were refused. At most one for an ordered insert, at position ``insertedCount``; what follows it was
    /// not tried.
    public let failures: [WriteFailure]

    public init(insertedCount: Int, failures: [WriteFailure]) {
        self.insertedCount = insertedCount
        self.failures = failures
    }
}

/// The result of an update.
public struct UpdateResult: Sendable, Hashable {
    /// How many documents the filter matched.
    public let matched: Int
    /// How many of them the update changed.
    public let modified: Int
    /// Whether a document was inserted because none matched.
    public let upserted: Bool

    public init(matched: Int, modified: Int, upserted: Bool) {
        self.matched = matched
        self.modified = modified
        self.upserted = upserted
    }
}

/// One statement of a bulk update.
public struct UpdateStatement: Sendable, Hashable {
    public var filter: BSONDocument
    public var update: MongoUpdate
    public var upsert: Bool
    public var arrayFilters: [BSONDocument]

    public init(
        filter: BSONDocument, update: MongoUpdate, upsert: Bool = false, arrayFilters: [BSONDocument] = []
    ) {
        self.filter = filter
        self.update = update
        self.upsert = upsert
        self.arrayFilters = arrayFilters
    }
}

/// The result of a bulk update whose outcome is known for every statement.
public struct BulkUpdateResult: Sendable, Hashable {
    public let matched: Int
    public let modified: Int
    /// The positions of the statements that inserted a document.
    public let upserted: [Int]
    /// The statements that were refused. Every other was applied, except those after the failure of an ordered one.
    public let failures: [WriteFailure]

    public init(matched: Int, modified: Int, upserted: [Int], failures: [WriteFailure]) {
        self.matched = matched
        self.modified = modified
        self.upserted = upserted
        self.failures = failures
    }
}

/// How to change a document.
public enum MongoUpdate: Sendable, Hashable {
    /// Operators such as `$set`.
    case operators(BSONDocument)
    /// An aggregation pipeline.
    case pipeline([BSONDocument])
}

/// What ``MongoCollection/findAndModify(_:_:sort:projection:upsert:returnNew:arrayFilters:writeConcern:maxTime:)`` does
/// with the document that it finds.
public enum FindAndModifyAction: Sendable, Hashable {
    case update(MongoUpdate)
    case replace(BSONDocument)
    case remove
}

/// The definition of an index.
public struct MongoIndex: Sendable, Hashable {
    public enum Direction: Int32, Sendable, Hashable {
        case ascending = 1
        case descending = -1
    }

    public struct Key: Sendable, Hashable {
        public let field: String
        public let direction: Direction

        public init(_ field: String, _ direction: Direction = .ascending) {
            self.field = field
            self.direction = direction
        }
    }

    public var name: String
    public var keys: [Key]
    public var unique: Bool
    /// Documents are removed this long after the date in the index's only field.
    public var expireAfterSeconds: Int?
    /// Only documents that match are in the index.
    public var partialFilter: BSONDocument?
    /// How texts compare, as the server's collation document.
    public var collation: BSONDocument?

    public init(
        name: String, keys: [Key], unique: Bool = false, expireAfterSeconds: Int? = nil,
        partialFilter: BSONDocument? = nil, collation: BSONDocument? = nil
    ) {
        self.name = name
        self.keys = keys
        self.unique = unique
        self.expireAfterSeconds = expireAfterSeconds
        self.partialFilter = partialFilter
        self.collation = collation
    }

    /// All keys ascending.
    public init(name: String, ascending fields: [String], unique: Bool = false) {
        self.init(name: name, keys: fields.map { Key($0) }, unique: unique)
    }
}
