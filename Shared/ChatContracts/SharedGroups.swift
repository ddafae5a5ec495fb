/// The groups that two users are members of, the one who asks and another one. Nobody learns of a group that they are not in
/// themselves.
public struct ListSharedGroups: MessagesQuery {
    public static let typeName = "group.shared.v1"
    public typealias Reply = SharedGroups
    public var user: UserID
    public var other: UserID

    public init(user: UserID, other: UserID) {
        self.user = user
        self.other = other
    }
}

public struct SharedGroups: Codable, Sendable, Hashable {
    /// In the order of their names.
    public var groups: [Group]

    public init(groups: [Group]) { self.groups = groups }

    public struct Group: Codable, Sendable, Hashable {
        public var conversation: ConversationID
        public var name: String
        public var memberCount: Int

        public init(conversation: ConversationID, name: String, memberCount: Int) {
            self.conversation = conversation
            self.name = name
            self.memberCount = memberCount
        }
    }
}
