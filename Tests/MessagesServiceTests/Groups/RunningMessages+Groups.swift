import ChatContracts
import Foundation
import MessageBus
import Testing

@testable import MessagesService

extension RunningMessages {
    @discardableResult
    func ask(_ command: some GroupCommand) async throws -> GroupChanged {
        try await client.call(
            command, queue: Self.queue(command.conversation), form: .command, context: Self.patient)
    }

    /// A group of an owner and others.
    func group(
        of owner: UserID, with members: [UserID], name: String = "Allotment", showsHistory: Bool = false
    ) async throws -> ConversationID {
        try await ask(
            CreateGroup(
                user: owner, clientMessageId: .random(), name: name, showsHistory: showsHistory, members: members)
        ).conversation
    }

    @discardableResult
    func add(_ members: [UserID], to group: ConversationID, by user: UserID) async throws -> GroupChanged {
        try await ask(
            AddGroupMembers(conversation: group, user: user, clientMessageId: .random(), members: members))
    }

    @discardableResult
    func remove(
        _ member: UserID, from group: ConversationID, by user: UserID, id: ClientMessageID = .random()
    ) async throws -> GroupChanged {
        try await ask(
            RemoveGroupMember(conversation: group, user: user, clientMessageId: id, member: member))
    }

    @discardableResult
    func make(
        _ member: UserID, _ role: GroupRole, in group: ConversationID, by user: UserID
    ) async throws -> GroupChanged {
        try await ask(
            SetGroupRole(
                conversation: group, user: user, clientMessageId: .random(), member: member, role: role))
    }

    /// An invitation to a group, as its admins see it.
    func invite(
        to group: ConversationID, by user: UserID, expiresIn: Int? = nil, maximumUses: Int? = nil,
        id: ClientMessageID = .random()
    ) async throws -> GroupInvitation {
        let reply = try await ask(
            CreateInvitation(
                conversation: group, user: user, clientMessageId: id, token: .random(), expiresIn: expiresIn,
                maximumUses: maximumUses))
        let invitations = try await query(ListGroupInvitations(user: user, conversation: group)).invitations
        return try #require(invitations.first { $0.id == reply.line?.seq })
    }

    @discardableResult
    func join(
        _ group: ConversationID, _ token: InvitationToken, by user: UserID, id: ClientMessageID = .random()
    ) async throws -> GroupChanged {
        try await ask(JoinGroup(conversation: group, user: user, clientMessageId: id, token: token))
    }

    /// The ids of a group's members with their roles, read page by page.
    func members(of group: ConversationID, for user: UserID, limit: Int = 200) async throws -> [UserID: GroupRole] {
        var members: [UserID: GroupRole] = [:]
        var after: UserID?
        repeat {
            let page = try await query(
                ListGroupMembers(user: user, conversation: group, after: after, limit: limit))
            for member in page.members { members[member.user] = member.role }
            after = page.next
        } while after != nil
        return members
    }

    func history(_ conversation: ConversationID, _ user: UserID, before: Int64? = nil, after: Int64? = nil)
        async throws -> [Message]
    {
        try await query(
            ReadHistory(user: user, conversation: conversation, before: before, after: after, limit: 200)
        ).messages
    }

    func sync(_ user: UserID, _ cursors: [ConversationID: Int64]) async throws -> SyncResponse {
        try await query(SyncChanges(user: user, cursors: cursors, recent: 0))
    }
}
