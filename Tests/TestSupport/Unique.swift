import LocalStack

/// Names that no other test uses.
public enum Unique {
    /// The prefix and twelve random letters and digits: valid as the name of a queue, user, database or account.
    public static func name(_ prefix: String = "test") -> String { "\(prefix)-\(RandomName.make())" }
}
