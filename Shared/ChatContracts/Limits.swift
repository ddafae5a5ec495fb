/// The limits that more than one service checks.
public enum Limits {
    /// Characters of one message, counted as Unicode extended grapheme clusters.
    public static let messageCharacters = 4_000
    /// UTF-8 bytes of one message.
    public static let messageBytes = 16_384
    /// Items of one page of anything.
    public static let pageSize = 50
    /// The most items a caller may ask for at once.
    public static let maximumPageSize = 200
    /// Changes of one conversation in one sync answer; a client that is further behind gets the newest page instead.
    public static let syncChanges = 500
    /// Conversations whose cursors one sync request may carry.
    public static let syncCursors = 1_000
}
