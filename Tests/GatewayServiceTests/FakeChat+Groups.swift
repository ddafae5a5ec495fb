import ChatContracts

@testable import GatewayService

/// Groups, as far as a gateway can tell them from real ones: everybody in them is asked for by id, and the maker owns it.
extension FakeChat.State {
    mutating func create(_ request: CreateGroup) throws(Problem) -> GroupChanged {
        let id = request.conversation
        if let line = messages[id]?.first {
            guard line.line?.name == request.name else { throw Self.reused }
            return changed(id, for: request.user, line: line)
        }
        conversations[id] = Conversation(
            id: id, form: .group,
            members: ([request.user] + request.members).map { .init(user: $0, received: 1, read: 1) }, head: 0,
            unread: 0, lastMessage: nil, createdAt: Timestamp(milliseconds: 1_700_000_000_000))
        roles[id] = [request.user: .owner]
        groupNames[id] = request.name
        messages[id] = []
        return add(
            GroupLine(.created, users: request.members, name: request.name, showsHistory: request.showsHistory),
            to: id, by: request.user, request.clientMessageId)
    }

    func shared(_ request: ListSharedGroups) -> SharedGroups {
        let both = conversations.values.filter { conversation in
            conversation.form == .group
                && [request.user, request.other].allSatisfy { user in
                    conversation.members.contains { $0.user == user }
                }
        }
        return SharedGroups(
            groups: both.map {
                .init(conversation: $0.id, name: groupNames[$0.id] ?? "", memberCount: $0.members.count)
            })
    }

    mutating func add(_ request: AddGroupMembers) throws(Problem) -> GroupChanged {
        try check(request, in: request.conversation)
        let present = Set(conversations[request.conversation]?.members.map(\.user) ?? [])
        let new = request.members.filter { !present.contains($0) }
        guard !new.isEmpty else { return changed(request.conversation, for: request.user, line: nil) }
        conversations[request.conversation]?.members += new.map { .init(user: $0, received: 1, read: 1) }
        return add(
            GroupLine(.added, users: new), to: request.conversation, by: request.user, request.clientMessageId)
    }

    mutating func remove(_ request: RemoveGroupMember) throws(Problem) -> GroupChanged {
        try check(request, in: request.conversation)
        if roles[request.conversation]?[request.member] == .owner {
            throw Problem(Fault(.lastOwner, "The only owner.", field: "member"))
        }
        let reply = add(
            GroupLine(.removed, users: [request.member]), to: request.conversation, by: request.user,
            request.clientMessageId)
        conversations[request.conversation]?.members.removeAll { $0.user == request.member }
        return reply
    }

    mutating func give(_ request: SetGroupRole) throws(Problem) -> GroupChanged {
        try check(request, in: request.conversation)
        if roles[request.conversation]?[request.member] == .owner, request.role != .owner {
            throw Problem(Fault(.lastOwner, "The only owner.", field: "member"))
        }
        roles[request.conversation]?[request.member] = request.role
        return add(
            GroupLine(.role, users: [request.member], role: request.role), to: request.conversation, by: request.user,
            request.clientMessageId)
    }

    mutating func change(_ request: ChangeGroup) throws(Problem) -> GroupChanged {
        try check(request, in: request.conversation)
        if let name = request.name { groupNames[request.conversation] = name }
        return add(
            GroupLine(.changed, name: request.name, showsHistory: request.showsHistory), to: request.conversation,
            by: request.user, request.clientMessageId)
    }

    func members(_ request: ListGroupMembers) throws(Problem) -> GroupMemberPage {
        _ = try conversation(request.conversation, of: request.user)
        let all = (conversations[request.conversation]?.members ?? []).map(\.user).sorted()
        let page = all.filter { user in request.after.map { user > $0 } ?? true }.prefix(request.limit)
        return GroupMemberPage(
            members: page.map { user in
                .init(
                    user: user, role: roles[request.conversation]?[user] ?? .member,
                    since: Timestamp(milliseconds: 1_700_000_000_000))
            }, next: page.last == all.last ? nil : page.last)
    }

    /// What a group is, as one of its members sees it.
    func group(_ id: ConversationID, for user: UserID) -> GroupInfo? {
        guard let name = groupNames[id], let members = conversations[id]?.members,
            members.contains(where: { $0.user == user })
        else { return nil }
        return GroupInfo(
            name: name, showsHistory: false, memberCount: members.count, version: heads[id] ?? 1,
            role: roles[id]?[user] ?? .member, historyFrom: 0)
    }

    func check(_ command: some GroupCommand, in id: ConversationID) throws(Problem) {
        _ = try conversation(id, of: command.user)
        guard groupNames[id] != nil else { throw Problem(Fault(.notFound, "There is no such group.")) }
        try checkOnce(command, in: id)
    }

    func checkOnce(_ command: some GroupCommand, in id: ConversationID) throws(Problem) {
        guard !(messages[id] ?? []).contains(where: { $0.clientMessageId == command.clientMessageId }) else {
            throw Self.reused
        }
    }

    private static var reused: Problem {
        Problem(Fault(.clientMessageIDReused, "Used before.", field: "clientMessageId"))
    }

    mutating func add(
        _ line: GroupLine, to id: ConversationID, by user: UserID, _ clientMessageID: ClientMessageID
    ) -> GroupChanged {
        let seq = nextNumber(of: id)
        let message = Message(
            conversation: id, seq: seq, rev: seq, sender: user, clientMessageId: clientMessageID, text: "",
            sentAt: Timestamp(milliseconds: 1_700_000_000_000 + seq * 60_000), kind: .system, line: line)
        messages[id, default: []].append(message)
        return changed(id, for: user, line: message)
    }

    func changed(_ id: ConversationID, for user: UserID, line: Message?) -> GroupChanged {
        GroupChanged(conversation: id, group: group(id, for: user), line: line)
    }
}
