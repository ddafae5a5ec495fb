/// The limits that more than one service checks.
public enum Limits {
    /// Characters of one message, counted as Unicode extended grapheme clusters.
    public static let messageCharacters = 4_000
    /// UTF-8 bytes of one message.
    public static let messageBytes = 16_384
    /// Characters of a quoted message that a reply carries.
    public static let quoteCharacters = 200
    /// UTF-8 bytes of a quoted message that a reply carries.
    public static let quoteBytes = 2_048
    /// UTF-8 bytes of one emoji: the longest of Unicode's sequences has 35.
    public static let emojiBytes = 64
    /// Kinds of reactions to one message.
    public static let reactionKinds = 16
    /// Reactions to one message, each of one person with one emoji; 16 KiB of user ids.
    public static let reactions = 1_024
    /// Names behind an `@` that are looked up for one message; further ones are text.
    public static let mentionedNames = 50
    /// Unread mentions of somebody in a group that are told, the oldest; this many stands for as many or more.
    public static let toldMentions = 100
    /// Members of one group.
    public static let groupMembers = 1_000
    /// Members of the largest groups in which people are told who has read what they wrote.
    public static let groupMembersWithReaders = 100
    /// Groups that one user can be in.
    public static let groupsOfUser = 500
    /// Characters of the name of a group.
    public static let groupNameCharacters = 80
    /// UTF-8 bytes of the name of a group: one character may be made of any number of scalars.
    public static let groupNameBytes = 640
    /// Characters of the description of a group.
    public static let groupAboutCharacters = 500
    /// UTF-8 bytes of the description of a group.
    public static let groupAboutBytes = 4_000
    /// Invitations of one group that are neither withdrawn nor expired.
    public static let invitations = 20
    /// How often one invitation may be used; 1 at least.
    public static let invitationUses = 1_000
    /// How long an invitation may be used, in seconds: a second to a year.
    public static let invitationSeconds = 1...31_536_000
    /// People that a line about a group names; of more it tells the number.
    public static let namedUsers = 8
    /// Unread messages of a group that are counted; this many stands for as many or more.
    public static let countedUnread = 1_000
    /// Conversations that a list has at its top because they are pinned; further ones stand in their place by activity.
    public static let pinnedConversations = 50
    /// Items of one page of anything.
    public static let pageSize = 50
    /// The most items a caller may ask for at once.
    public static let maximumPageSize = 200
    /// Changes of one conversation in one sync answer; a client that is further behind gets the newest page instead.
    public static let syncChanges = 500
    /// Conversations whose cursors one sync request may carry.
    public static let syncCursors = 1_000
}
