import ChatContracts

/// What the API answers when asked for the conversations.
struct ConversationList: Decodable {
    var conversations: [Conversation]
    var users: [UserID: User]
    var next: String?
}

/// What it answers to a sync.
struct SyncResult: Decodable {
    var conversations: [Conversation]
    var changes: [ConversationChanges]
    var more: Bool
    var users: [UserID: User]
}
