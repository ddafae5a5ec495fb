/// How durable a write must be before it counts as done.
public struct WriteConcern: Sendable, Hashable {
    /// Which members must have the write.
    public enum Acknowledgement: Sendable, Hashable {
        case majority
        case members(Int32)
    }

    public var acknowledgement: Acknowledgement
    /// Whether it must be in the journals on disk.
    public var journal: Bool
    /// How long the server waits for the members before it reports a failure of the concern, which is thrown as
    /// ``MongoError/Code/unknownOutcome``.
    public var timeout: Duration

    public init(_ acknowledgement: Acknowledgement, journal: Bool, timeout: Duration = .seconds(5)) {
        self.acknowledgement = acknowledgement
        self.journal = journal
        self.timeout = timeout
    }

    /// In the journals of a majority, within 5 s: survives the loss of any minority of members.
    public static let majorityJournaled = WriteConcern(.majority, journal: true)
    /// In the primary's memory: fast, and lost if the primary is.
    public static let primary = WriteConcern(.members(1), journal: false)
}

/// How settled the data must be that a read sees.
public struct ReadConcern: Sendable, Hashable {
    let level: String

    /// Only what a majority has, so nothing that could be rolled back.
    public static let majority = ReadConcern(level: "majority")
    /// What the member has now.
    public static let local = ReadConcern(level: "local")
    /// Everything that was acknowledged before the read began. Costs a round trip to a majority.
    public static let linearizable = ReadConcern(level: "linearizable")
}

extension WriteConcern {
    /// As commands take it.
    var bson: BSONDocument {
        BSONDocument { writer in
            switch acknowledgement {
            case .majority: writer.append("w", "majority")
            case .members(let count): writer.append("w", count)
            }
            writer.append("j", journal)
            writer.append("wtimeout", timeout.milliseconds)
        }
    }
}

extension ReadConcern {
    /// As commands take it.
    var bson: BSONDocument { BSONDocument { $0.append("level", level) } }
}
