import ChatContracts

@testable import MessagesService

/// Groups: some people write, and others come, go, and change who may do what, all at the same time.
extension Simulation {
    static let groupUsers = (1...4).map { UserID(high: 1, low: UInt64($0)) }

    mutating func makeGroup(_ number: Int) {
        let users = Self.groupUsers.map { UserID(high: $0.high + UInt64(number), low: $0.low) }
        let id = ConversationID.group(of: users[0], id: Self.creation)
        for user in users {
            var client = SimulatedClient(
                user: user, other: users[0], conversation: id, wanted: shape.messagesPerClient)
            client.isInGroup = true
            client.isOpen = user != users[0]
            clients.append(client)
        }
    }

    static let creation = ClientMessageID(high: 0, low: 0)

    mutating func actInGroup(by index: Int) {
        let (user, id) = (clients[index].user, clients[index].conversation)
        let users = Self.groupUsers.map { UserID(high: user.high, low: $0.low) }
        guard clients[index].isOpen else {
            let command = CreateGroup(
                user: user, clientMessageId: Self.creation, name: "group",
                showsHistory: source.happens(300), members: Array(users[1..<3]))
            // The same again, or it would be another group.
            let asked = operations.compactMap { operation -> CreateGroup? in
                guard case .group(let command) = operation.command else { return nil }
                return (command as? CreateGroup).flatMap { $0.conversation == id ? $0 : nil }
            }
            return ask(.group(asked.first ?? command), expecting: .group, by: index)
        }
        guard clients[index].wanted > 0 else { return }
        switch source.below(10) {
        case 0..<3: sendInGroup(by: index)
        case 3: changeSomething(by: index)
        case 4: setPosition(by: index)
        case 5: chooseSettings(by: index)
        default:
            nextID += 1
            let message = ClientMessageID(high: 3, low: UInt64(nextID))
            let other = users[source.below(users.count)]
            let command: any GroupLineCommand
            switch source.below(shape.invitesPeople ? 11 : 8) {
            case 0...2:
                command = AddGroupMembers(
                    conversation: id, user: user, clientMessageId: message,
                    members: source.happens(300) ? users : [other])
            case 3: command = RemoveGroupMember(conversation: id, user: user, clientMessageId: message, member: user)
            case 4, 5:
                command = RemoveGroupMember(conversation: id, user: user, clientMessageId: message, member: other)
            case 6:
                command = SetGroupRole(
                    conversation: id, user: user, clientMessageId: message, member: other,
                    role: GroupRole.allCases[source.below(3)])
            case 8:
                command = CreateInvitation(
                    conversation: id, user: user, clientMessageId: message,
                    token: InvitationToken(high: 4, low: UInt64(nextID)),
                    maximumUses: source.happens(500) ? 1 + source.below(2) : nil)
            case 9:
                command = JoinGroup(
                    conversation: id, user: user, clientMessageId: message,
                    token: invitations(of: id).randomElement(using: &source)?.token ?? .init(high: 5, low: 0))
            case 10:
                command = RevokeInvitation(
                    conversation: id, user: user, clientMessageId: message,
                    invitation: invitations(of: id).randomElement(using: &source)?.id ?? 0)
            default:
                command = ChangeGroup(
                    conversation: id, user: user, clientMessageId: message,
                    name: source.happens(500) ? "name \(nextID)" : nil, showsHistory: source.happens(500))
            }
            ask(.group(command), expecting: .group, by: index)
        }
    }

    /// Everything that ever was an invitation of a group.
    private func invitations(of id: ConversationID) -> [(id: Int64, token: InvitationToken)] {
        (store.log[id] ?? []).map(\.message).sorted { $0.rev < $1.rev }.compactMap { message in
            message.line?.invitation?.token.map { (message.seq, $0) }
        }
    }

    private mutating func sendInGroup(by index: Int) {
        clients[index].wanted -= 1
        nextID += 1
        var command = SendMessage(
            conversation: clients[index].conversation, sender: clients[index].user,
            clientMessageId: ClientMessageID(high: 0, low: UInt64(nextID)), text: "text \(nextID)")
        if source.happens(shape.replies) {
            command.replyTo = store.entries(of: command.conversation, at: told[command.conversation] ?? 0).values
                .filter { $0.line == nil }.map(\.seq).sorted().randomElement(using: &source)
        }
        command.mentions = mentions(of: users(beside: clients[index].user), in: command.text)
        clients[index].sent.append(MessageKey(command))
        sends[MessageKey(command)] = command
        ask(.send(command), expecting: .message, by: index, isNew: true)
    }

    private func users(beside user: UserID) -> [UserID] {
        Self.groupUsers.map { UserID(high: user.high, low: $0.low) }
    }

    /// Some of these people and everybody, as a text that is written once; nil for nobody.
    private mutating func mentions(of users: [UserID], in text: String) -> [Mention]? {
        guard source.happens(shape.mentions) else { return nil }
        var mentions = users.filter { _ in source.happens(500) }.map { Mention(user: $0, name: "\($0.low)") }
        if source.happens(300) { mentions.append(.everybody) }
        wanted[text] = mentions
        return mentions
    }

    /// Edits one's own message in a group.
    mutating func edit(_ entry: Message, rev: Int64, text: String, by user: UserID) -> EditMessage {
        EditMessage(
            conversation: entry.conversation, user: user, seq: entry.seq, rev: rev, text: text,
            mentions: mentions(of: users(beside: user), in: text))
    }

    /// A text mentions those whom its author wanted to mention and who were members when it came, everybody only if its author
    /// could manage the group.
    private mutating func checkMentions(in message: Message, _ before: SimulatedGroup) throws {
        let isManager = before.members[message.sender].map { $0.role > .member } ?? false
        let wanted = wanted[message.text] ?? []
        let right = wanted.filter { mention in
            mention.user.map { before.members[$0] != nil } ?? isManager
        }
        guard message.mentions == right else {
            throw violation("Mentions", "number \(message.rev) mentions \(message.mentions) instead of \(right)")
        }
        coverage.mentions += right.count
        coverage.refusedMentions += wanted.count - right.count
    }

    mutating func check(_ change: GroupChanged, for command: any GroupLineCommand) throws {
        coverage.groupChanges += 1
        if change.line?.line?.kind == .joined { coverage.joins += 1 }
        let id = change.conversation
        if let line = change.line {
            let key = MessageKey(command)
            guard let told = line.line, command.isTold(by: told), store.message(key)?.seq == line.seq else {
                throw violation("P1", "line \(line.seq) is answered and not stored so")
            }
            if let earlier = lines[key], earlier != line.seq {
                throw violation("P2", "the same command was answered with the lines \(earlier) and \(line.seq)")
            }
            lines[key] = line.seq
            self.told[id] = max(self.told[id] ?? 0, line.seq)
        }
        guard let info = change.group else { return }
        let group = store.group(id, at: store.newestNumber(id))
        guard info.version <= group.version, info.memberCount == store.group(id, at: info.version).members.count else {
            throw violation("Groups", "\(info) was answered about \(store.group(id, at: info.version))")
        }
    }

    /// A refusal in a group is right if the user was no member, or not of the role, at some moment since they asked.
    mutating func check(_ fault: Fault, to operation: SimulatedOperation) throws {
        guard let membership = operation.command.membership else { return }
        let id = membership.conversation
        let states = (operation.floor...max(operation.floor, store.newestNumber(id))).map { store.group(id, at: $0) }
        let isRight =
            switch fault.code {
            case .notFound where fault.field == "conversation":
                states.contains { $0.members[membership.user] == nil }
            // What is older than one's membership does not exist, either, nor is somebody else a member all the time.
            case .notFound, .invalid: true
            case .forbidden: true
            case .gone, .notEditable: true
            case .lastOwner: states.contains { $0.members[membership.user]?.role == .owner && $0.owners == 1 }
            default: false
            }
        guard isRight else {
            throw violation("Right answers", "\(operation.command) was refused: \(fault)")
        }
        coverage.groupRefusals += 1
        if case .send(let command) = operation.command {
            guard store.message(MessageKey(command)) == nil || operation.wasAskedFor > 1 else {
                throw violation("Right answers", "a message was refused that is stored")
            }
            clients[operation.client].sent.removeAll { $0 == MessageKey(command) }
        }
    }

    /// From which numbers on the asker may have seen the history while the command was under way; `.max` for nothing.
    func beginnings(for operation: SimulatedOperation) -> Set<Int64> {
        guard clients[operation.client].isInGroup, let membership = operation.command.membership else { return [0] }
        let newest = store.newestNumber(membership.conversation)
        return Set(
            (operation.floor...max(operation.floor, newest)).map { number in
                store.group(membership.conversation, at: number).members[membership.user]?.historyFrom ?? .max
            })
    }

    /// What is stored of members is what the lines say, and nobody has done anything without being a member.
    mutating func checkGroup(_ id: ConversationID, _ document: SimulatedStore.Document) throws {
        guard let state = document.state.group else { return }
        let log = store.log[id] ?? []
        let head = store.newestNumber(id)
        let group = store.group(id, at: head)
        guard state.name == group.name, state.version == group.version, state.memberCount == group.members.count,
            state.owners == group.owners,
            Dictionary(uniqueKeysWithValues: state.invitations.map { ($0.id, $0.uses) }) == group.uses
        else { throw violation("Groups", "the summary shows \(state) instead of \(group)") }
        if let number = group.wrongJoin {
            throw violation("P6", "somebody joined with line \(number) without an invitation that holds")
        }
        guard group.members.isEmpty || group.owners > 0 else {
            throw violation("Groups", "nobody owns a group with \(group.members.count) members")
        }
        let stored = (store.memberships[id] ?? [:]).compactMapValues { membership in
            membership.member.group.map { SimulatedGroup.Member(role: $0.role, historyFrom: $0.historyFrom) }
        }
        guard stored == group.members else {
            throw violation("Groups", "the members are stored as \(stored) instead of \(group.members)")
        }
        for (user, membership) in store.memberships[id] ?? [:] {
            let positions = membership.member.positions
            guard
                !MemberPositions(received: positions.received, read: positions.read, unreadMarks: positions.unreadMarks)
                    .isBehind(reached[user] ?? MemberPositions(received: 0, read: 0))
            else {
                throw violation("Positions", "\(positions) is stored, \(String(describing: reached[user])) was told")
            }
            try checkSettings(membership.member.settings, of: user)
        }
        var reactions: [Int64: Set<UserID>] = [:]
        for message in log.map(\.message).sorted(by: { $0.rev < $1.rev }) where message.rev > 1 {
            let before = store.group(id, at: message.rev - 1)
            let added = Set(message.reactions.flatMap(\.users)).subtracting(reactions[message.seq] ?? [])
            reactions[message.seq] = Set(message.reactions.flatMap(\.users))
            if message.line == nil, message.isDeleted || message.textRev == message.rev {
                try checkMentions(in: message, before)
            }
            // Whoever joins by an invitation is looked at above.
            let isOfSender = message.rev == message.seq && message.line?.kind != .joined
            let actors = isOfSender ? added.union([message.sender]) : added
            for actor in actors {
                guard let member = before.members[actor] else {
                    throw violation("P6", "number \(message.rev) is of somebody who was no member")
                }
                guard member.historyFrom <= message.seq else {
                    throw violation("P6", "number \(message.rev) is about a message from before its author's time")
                }
                if let quote = message.replyTo, message.rev == message.seq, quote.seq < member.historyFrom {
                    throw violation("P6", "number \(message.rev) quotes a message from before its author's time")
                }
            }
        }
    }
}

extension Message {
    /// What somebody is answered with who sees the history from this number on.
    func shown(from first: Int64) -> Message {
        var message = self
        if let quote = replyTo, quote.seq < first { message.replyTo?.text = nil }
        if seq < first { message.reactions = [] }
        return message
    }
}
