import ChatContracts
import MongoStore

/// Answers about who is in a group.
struct GroupQueries: Sendable {
    let store: MessageStore

    func members(_ request: ListGroupMembers) async throws -> GroupMemberPage {
        try ConversationQueries.check(limit: request.limit)
        let document = try await store.conversation(request.conversation, of: request.user, isCounted: false)
        guard document?.state.group != nil else { throw ConversationQueries.unknownConversation }
        let found = try await store.members(
            of: request.conversation, after: request.after, limit: request.limit + 1)
        // Whoever was removed meanwhile learns nothing of what has happened since.
        guard try await store.conversation(request.conversation, of: request.user, isCounted: false) != nil else {
            throw ConversationQueries.unknownConversation
        }
        let members = found.prefix(request.limit).compactMap { found in
            found.member.group.map { group in
                GroupMemberPage.Member(user: found.member.user, role: group.role, since: group.since)
            }
        }
        return GroupMemberPage(members: members, next: found.count > request.limit ? members.last?.user : nil)
    }

    /// What the asker is in is looked at last, so that whoever was removed meanwhile learns nothing.
    func shared(_ request: ListSharedGroups) async throws -> SharedGroups {
        let own = try await store.memberships(of: request.user)
        let common = try await store.memberships(
            own.map { Membership(conversation: $0.conversation, user: request.other) }
        ).filter { $0.member.group != nil }
        let documents = try await store.uncounted(common.map(\.conversation), of: request.user)
        let groups = documents.compactMap { document in
            document.state.group.map {
                SharedGroups.Group(
                    conversation: document.state.id, name: $0.name, memberCount: $0.memberCount)
            }
        }
        return SharedGroups(groups: groups.sorted { ($0.name, $0.conversation) < ($1.name, $1.conversation) })
    }

    func invitations(_ request: ListGroupInvitations) async throws -> GroupInvitations {
        let document = try await store.conversation(request.conversation, of: request.user, isCounted: false)
        guard let state = document?.state, let group = state.group, let role = state.membership(of: request.user)?.role
        else { throw ConversationQueries.unknownConversation }
        guard role >= .admin else {
            throw Fault(.forbidden, "Only owners and admins see the invitations to this group.")
        }
        return GroupInvitations(invitations: group.invitations.reversed())
    }

    /// What is told depends on the secret alone, and on what happened to the user in this group.
    func invitation(_ request: ReadInvitation) async throws -> InvitationPreview {
        let key = LaneLoad.InvitationKey(conversation: request.conversation, token: request.token)
        guard try await store.existing([key]).contains(key),
            let state = try await store.group(request.conversation)?.document.state, let group = state.group,
            let invitation = group.invitations.first(where: { $0.token == request.token })
        else { throw Fault.unknownInvitation }
        let membership = try await store.memberships(
            [Membership(conversation: request.conversation, user: request.user)]
        ).first
        let isMember = membership?.member.group != nil
        var own = state
        own.members = membership.map { [$0.member] } ?? []
        if !isMember, let refusal = invitation.refusal(at: .now) ?? own.refusal(of: invitation, to: request.user) {
            throw refusal
        }
        return InvitationPreview(
            conversation: state.id, name: group.name, about: group.about.isEmpty ? nil : group.about,
            memberCount: group.memberCount, showsHistory: group.showsHistory, createdBy: invitation.createdBy,
            isMember: isMember)
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
                case .leaves, .isRemoved: members[change.user] = nil
                }
            }
        }
        return GroupMembersList(version: group.version, members: Array(members.values))
    }
}
