import ChatContracts

/// Commands about groups. Whatever follows one in its group is planned after it is stored, because it may decide who may
/// do what.
extension LaneBatch {
    mutating func plan(_ command: any GroupLineCommand, at index: Int, number: Int64) -> Change? {
        let id = command.conversation
        guard command.invitation.map({ invitations[$0] ?? false }) ?? true,
            let state = conversations[id]?.state, state.group != nil,
            command.isFromOutside ? command is CreateGroup == (state.head == 0) : state.exists(for: command.user)
        else {
            items[index].response = .fault(command is JoinGroup ? .unknownInvitation : LaneFault.unknownConversation)
            return nil
        }
        let unwilling = command.added.filter { user in
            self.unwilling[LaneLoad.Addition(user: user, actor: command.user)] ?? false
        }
        switch command.line(in: state, unwilling: Set(unwilling), at: now) {
        case .line(let line):
            return Change(
                message: Message(
                    conversation: id, seq: number, rev: number, sender: command.user,
                    clientMessageId: command.clientMessageId, text: "", sentAt: now, kind: .system, line: line))
        case .unchanged:
            items[index].response = .group(GroupChanged(state, for: command.user, line: nil))
        case .refused(let fault): items[index].response = .fault(fault)
        }
        return nil
    }

    /// A line has been stored: whom it adds is no stranger any more.
    mutating func absorb(_ line: GroupLine, of message: Message) {
        for change in line.membershipChanges(by: message.sender) {
            strangers.remove(Membership(conversation: message.conversation, user: change.user))
        }
    }
}

extension LaneLoad {
    /// Asks for what a command about a group is decided by: the line that it may have added before, the group with the
    /// memberships, and whether those whom it adds can be added.
    mutating func add<Handle>(
        _ command: any GroupLineCommand, of batch: LaneBatch<Handle>, _ asked: inout Set<Membership>,
        _ askedKeys: inout Set<MessageKey>
    ) {
        let id = command.conversation
        let key = MessageKey(command)
        let state = batch.conversations[id]?.state
        if batch.stored[key] == nil, !batch.checked.contains(key), askedKeys.insert(key).inserted { lines.append(key) }
        if batch.stored[key] == nil, let invitation = command.invitation {
            // Whoever has none learns nothing of the group, not even by the time of the answer.
            let exists = batch.invitations[invitation]
            if exists == nil, !invitations.contains(invitation) { invitations.append(invitation) }
            guard exists == true else { return }
        }
        if command.isFromOutside || batch.stored[key] != nil {
            // Its author, who may be no member any more, is answered with the line.
            if state == nil, !batch.missing.contains(id), !conversations.contains(id) { conversations.append(id) }
        } else {
            let own = Membership(conversation: id, user: command.user)
            let isMember = state?.exists(for: command.user) ?? false
            if !isMember, !batch.strangers.contains(own), asked.insert(own).inserted { memberships.append(own) }
            guard isMember else { return }
        }
        guard let state, state.group != nil, batch.stored[key] == nil else { return }
        // Whoever may not change who is in it is refused without further questions.
        guard
            command.isFromOutside || command.added.isEmpty
                || state.membership(of: command.user)?.role ?? .member > .member
        else { return }
        for user in command.concerned where state.index(of: user) == nil {
            let membership = Membership(conversation: id, user: user)
            guard asked.insert(membership).inserted else { continue }
            members.append(membership)
            if !conversations.contains(id) { conversations.append(id) }
        }
        var known = Set(additions)
        for user in command.added {
            let addition = Addition(user: user, actor: command.user)
            if batch.unwilling[addition] == nil, known.insert(addition).inserted { additions.append(addition) }
        }
    }
}

extension GroupChanged {
    init(_ state: ConversationState, for user: UserID, line: Message?) {
        self.init(conversation: state.id, group: state.groupInfo(for: user), line: line)
    }
}

extension LaneResponse {
    static var clientMessageIDReused: LaneResponse {
        .fault(
            Fault(
                .clientMessageIDReused, "This client message id belongs to another message.",
                field: "clientMessageId"))
    }
}
