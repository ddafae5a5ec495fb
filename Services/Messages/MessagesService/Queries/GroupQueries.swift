import ChatContracts
import MongoStore

/// Answers about who is in a group.
struct GroupQueries: Sendable {
    let store: MessageStore

    func members(_ request: ListGroupMembers) async throws -> GroupMemberPage {
        try ConversationQueries.check(limit: request.limit)
        let document = try await store.conversation(request.conversation, of: request.user)
        guard document?.state.group != nil else { throw ConversationQueries.unknownConversation }
        let found = try await store.members(
            of: request.conversation, after: request.after, limit: request.limit + 1)
        let members = found.prefix(request.limit).compactMap { found in
            found.member.group.map { group in
                GroupMemberPage.Member(user: found.member.user, role: group.role, since: group.since)
            }
        }
        return GroupMemberPage(members: members, next: found.count > request.limit ? members.last?.user : nil)
    }

    /// The version is read before the members, and what the group's newest lines say counts more than what is stored of the
    /// members: the list is never older than it says.
    func audience(_ request: ReadGroupAudience) async throws -> GroupMembersList {
        guard let (document, lines) = try await store.group(request.conversation), let group = document.state.group
        else { throw ConversationQueries.unknownConversation }
        let stored = try await store.members(of: request.conversation, after: nil, limit: Limits.groupMembers)
        var members: [UserID: GroupMembersList.Member] = [:]
        var versions: [UserID: Int64] = [:]
        for document in stored {
            let user = document.member.user
            members[user] = .init(user: user, historyFrom: document.member.group?.historyFrom ?? 0)
            versions[user] = document.version
        }
        for message in lines {
            for change in message.line?.membershipChanges(by: message.sender) ?? []
            where versions[change.user] ?? 0 < message.seq {
                switch change.kind {
                case .joins:
                    let first = message.line?.showsHistory ?? false ? 0 : message.seq
                    members[change.user] = .init(user: change.user, historyFrom: first)
                case .becomes: continue
                case .goes: members[change.user] = nil
                }
            }
        }
        return GroupMembersList(version: group.version, members: Array(members.values))
    }
}
