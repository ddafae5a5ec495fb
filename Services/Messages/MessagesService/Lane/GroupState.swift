import ChatContracts

/// What a group is, as its lines have made it: like the counts of a conversation a function of the changes up to its head.
struct GroupState: Sendable, Equatable {
    var name = ""
    /// Empty for none.
    var about = ""
    var showsHistory = false
    var memberCount = 0
    var owners = 0
    /// The number of the last line that changed members or roles.
    var version: Int64 = 0
    /// The invitations that were not withdrawn, oldest first. Those that have expired go when another one is made.
    var invitations: [GroupInvitation] = []
}

/// What somebody is in a group.
struct GroupMembership: Sendable, Equatable {
    var role: GroupRole
    /// The lowest `seq` that the member sees; 0 for everything.
    var historyFrom: Int64 = 0
    var since: Timestamp
}

extension ConversationState {
    /// The group as one of its members sees it; nil for others, and for direct conversations.
    func groupInfo(for user: UserID) -> GroupInfo? {
        guard let group, let membership = membership(of: user) else { return nil }
        return GroupInfo(
            name: group.name, about: group.about.isEmpty ? nil : group.about, showsHistory: group.showsHistory,
            memberCount: group.memberCount, version: group.version, role: membership.role,
            historyFrom: membership.historyFrom)
    }

    /// What a user is in the group; nil for whoever is no member, or was not read.
    func membership(of user: UserID) -> GroupMembership? { index(of: user).flatMap { members[$0].group } }

    /// The lowest `seq` that a member sees.
    func historyFrom(for user: UserID) -> Int64 { membership(of: user)?.historyFrom ?? 0 }

    /// Those of the mentions in a text of a member that hold: of members, each once, and of everybody by whoever may manage the
    /// group. Nil if it was not read whether somebody is a member.
    func holding(_ mentions: [Mention]?, by author: UserID) -> [Mention]? {
        guard group != nil, let mentions, !mentions.isEmpty else { return [] }
        let role = membership(of: author)?.role ?? .member
        var holding: [Mention] = []
        for mention in mentions where !holding.contains(where: { $0.user == mention.user }) {
            guard let user = mention.user else {
                if role > .member { holding.append(.everybody) }
                continue
            }
            guard let place = index(of: user) else { return nil }
            if members[place].group != nil { holding.append(mention) }
        }
        return holding
    }

    /// Forgets who is in a group if more than this was read of it: it is read again when somebody asks.
    mutating func forgetMembers(beyond limit: Int) {
        guard group != nil else { return }
        members.removeAll { $0.group == nil }
        if members.count > limit { members.removeAll() }
    }

    /// What has to be counted to know what is unread in a group; nil if nothing can be.
    func unreadCount(ofMemberAt place: Int) -> LaneLoad.Count? {
        let member = members[place]
        guard member.positions.read < lastSeq else { return nil }
        return LaneLoad.Count(
            conversation: id, user: member.user, head: head,
            after: max(member.positions.read, (member.group?.historyFrom ?? 0) - 1), through: head,
            limit: Limits.countedUnread)
    }

    /// Takes in what a line that comes next changes of the memberships that were read.
    mutating func absorbMemberships(of message: Message) {
        guard let line = message.line else { return }
        for change in line.membershipChanges(by: message.sender) {
            guard let place = index(of: change.user) else { continue }
            members[place].absorb(
                change, number: message.seq, showsHistory: line.showsHistory ?? false, at: message.sentAt)
        }
    }
}

extension GroupState {
    /// Takes in a line that comes next.
    mutating func absorb(_ message: Message, _ line: GroupLine) {
        if let name = line.name { self.name = name }
        if let about = line.about { self.about = about }
        // For those who are added it only says what holds already.
        if let showsHistory = line.showsHistory { self.showsHistory = showsHistory }
        memberCount += line.memberCountChange
        if line.formerRole == .owner { owners -= 1 }
        if line.kind == .created || line.role == .owner { owners += 1 }
        if line.changesMembers { version = message.seq }
        absorbInvitation(message, line)
        // Whoever came by a link into an empty group would be in one that nobody owns.
        if memberCount == 0 { invitations = [] }
    }

    private mutating func absorbInvitation(_ message: Message, _ line: GroupLine) {
        guard let told = line.invitation else { return }
        let place = invitations.firstIndex { $0.id == told.id }
        switch line.kind {
        case .invited:
            guard let token = told.token else { return }
            invitations.removeAll { $0.hasExpired(at: message.sentAt) }
            invitations.append(
                GroupInvitation(
                    id: message.seq, token: token, createdBy: message.sender, createdAt: message.sentAt,
                    expiresAt: told.expiresAt, maximumUses: told.maximumUses))
        case .revoked: if let place { invitations.remove(at: place) }
        case .joined: if let place { invitations[place].uses += 1 }
        case .created, .added, .left, .removed, .role, .changed: return
        }
    }
}

extension ConversationState.Member {
    fileprivate mutating func absorb(
        _ change: MembershipChange, number: Int64, showsHistory: Bool, at time: Timestamp
    ) {
        switch change.kind {
        case .joins(let role):
            group = GroupMembership(role: role, historyFrom: showsHistory ? 0 : number, since: time)
            // What was written before is not unread.
            positions.received = max(positions.received, number)
            positions.read = max(positions.read, number)
            removedAt = nil
        case .becomes(let role): group?.role = role
        case .leaves: group = nil
        case .isRemoved:
            group = nil
            removedAt = number
        }
    }
}

/// What a line about a group changes for one user.
struct MembershipChange: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case joins(GroupRole)
        case becomes(GroupRole)
        case leaves
        case isRemoved
    }

    var user: UserID
    var kind: Kind
}

extension GroupLine {
    /// Whether it changes who the members are, or their roles.
    var changesMembers: Bool {
        switch kind {
        case .created, .added, .joined, .left, .removed, .role: true
        case .changed, .invited, .revoked: false
        }
    }

    fileprivate var memberCountChange: Int {
        switch kind {
        case .created: users.count + 1
        case .added, .joined: users.count
        case .left, .removed: -1
        case .role, .changed, .invited, .revoked: 0
        }
    }

    func membershipChanges(by sender: UserID) -> [MembershipChange] {
        switch kind {
        case .created:
            [MembershipChange(user: sender, kind: .joins(.owner))]
                + users.map { MembershipChange(user: $0, kind: .joins(.member)) }
        case .added, .joined: users.map { MembershipChange(user: $0, kind: .joins(.member)) }
        case .left: users.map { MembershipChange(user: $0, kind: .leaves) }
        case .removed: users.map { MembershipChange(user: $0, kind: .isRemoved) }
        case .role: users.map { MembershipChange(user: $0, kind: .becomes(role ?? .member)) }
        case .changed, .invited, .revoked: []
        }
    }
}
