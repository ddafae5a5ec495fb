import ChatContracts

@testable import MessagesService

/// A group as its lines tell it, for comparison: who is in it since which number, and as what.
struct SimulatedGroup: Equatable {
    struct Member: Equatable {
        var role: GroupRole
        var historyFrom: Int64
    }

    var name = ""
    var version: Int64 = 0
    var members: [UserID: Member] = [:]
    /// The invitations that were not withdrawn, by id, each with how often it was used.
    var uses: [Int64: Int] = [:]
    /// The first line by which somebody joined who must not have.
    var wrongJoin: Int64?

    /// The group at a number.
    init(_ log: [Change], at head: Int64) {
        var most: [Int64: Int] = [:]
        var removals: [UserID: Int64] = [:]
        for message in log.map(\.message).sorted(by: { $0.rev < $1.rev }) where message.rev <= head {
            guard let line = message.line else { continue }
            if ![.changed, .invited, .revoked].contains(line.kind) { version = message.seq }
            if let name = line.name { self.name = name }
            let first = line.showsHistory == true ? 0 : message.seq
            switch line.kind {
            case .created:
                members[message.sender] = Member(role: .owner, historyFrom: first)
                for user in line.users { members[user] = Member(role: .member, historyFrom: first) }
            case .added:
                for user in line.users {
                    members[user] = Member(role: .member, historyFrom: first)
                    removals[user] = nil
                }
            case .left: for user in line.users { members[user] = nil }
            case .removed:
                for user in line.users {
                    members[user] = nil
                    removals[user] = message.seq
                }
            case .role: for user in line.users { members[user]?.role = line.role ?? .member }
            case .invited:
                uses[message.seq] = 0
                most[message.seq] = line.invitation?.maximumUses ?? .max
            case .revoked: if let id = line.invitation?.id { uses[id] = nil }
            case .joined:
                let (id, user) = (line.invitation?.id ?? 0, message.sender)
                let isRight =
                    uses[id].map { $0 < most[id] ?? 0 } ?? false && members[user] == nil
                    && removals[user] ?? 0 < id && line.users == [user]
                if !isRight, wrongJoin == nil { wrongJoin = message.seq }
                uses[id]? += 1
                removals[user] = nil
                members[user] = Member(role: .member, historyFrom: first)
            case .changed: continue
            }
            if members.isEmpty { uses = [:] }
        }
    }

    var owners: Int { members.values.count { $0.role == .owner } }
}

extension SimulatedStore {
    func group(_ id: ConversationID, at head: Int64) -> SimulatedGroup { SimulatedGroup(log[id] ?? [], at: head) }

    func newestNumber(_ id: ConversationID) -> Int64 { (log[id] ?? []).map(\.message.rev).max() ?? 0 }

    func exists(_ membership: Membership) -> Bool {
        guard let state = documents[membership.conversation]?.state else { return false }
        guard state.group != nil else { return state.exists(for: membership.user) }
        return memberships[membership.conversation]?[membership.user]?.member.group != nil
    }

    /// What is stored before the line that makes an invitation.
    mutating func announceInvitation(_ message: Message) {
        guard message.line?.kind == .invited, let token = message.line?.invitation?.token else { return }
        invitations[token] = message.conversation
    }

    /// Brings memberships up to a line, unless they are further, and forgets invitations.
    mutating func bringMembershipsUpToDate(_ message: Message) {
        if message.line?.kind == .revoked, let token = message.line?.invitation?.token { invitations[token] = nil }
        for change in message.line?.membershipChanges(by: message.sender) ?? [] {
            let id = message.conversation
            var stored = memberships[id]?[change.user]
            guard stored?.version ?? 0 < message.seq || mistake == .unfencedMemberships else { continue }
            switch change.kind {
            case .joins(let role):
                var member = stored?.member ?? ConversationState.Member(user: change.user)
                member.group = GroupMembership(
                    role: role, historyFrom: message.line?.showsHistory == true ? 0 : message.seq,
                    since: message.sentAt)
                member.positions.received = max(member.positions.received, message.seq)
                member.positions.read = max(member.positions.read, message.seq)
                member.removedAt = nil
                memberships[id, default: [:]][change.user] = StoredMembership(member: member, version: message.seq)
                continue
            case .becomes(let role): stored?.member.group?.role = role
            case .leaves: stored?.member.group = nil
            case .isRemoved:
                stored?.member.group = nil
                stored?.member.removedAt = message.seq
            }
            stored?.version = message.seq
            memberships[id]?[change.user] = stored
        }
    }

    /// How many members' documents were as expected.
    mutating func updateMembers(_ update: ConversationUpdate) -> Int {
        var matched = 0
        for place in update.changedMembers {
            let member = update.state.members[place]
            guard var stored = memberships[update.state.id]?[member.user], stored.member.group != nil else { continue }
            if let known = update.positions.first(where: { $0.member == place })?.known {
                let positions = stored.member.positions
                guard positions.received == known.received, positions.read == known.read,
                    positions.unreadMarks == known.unreadMarks
                else { continue }
                stored.member.positions = member.positions
            }
            if let settings = update.settings.first(where: { $0.member == place }) {
                guard stored.member.settings.version == settings.known else { continue }
                stored.member.settings = member.settings
            }
            memberships[update.state.id]?[member.user] = stored
            matched += 1
        }
        return matched
    }
}
