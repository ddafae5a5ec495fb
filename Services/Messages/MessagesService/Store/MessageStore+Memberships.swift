import ChatContracts
import MongoStore

/// What is stored of users in groups.
extension MessageStore {
    /// Those of these memberships that exist, also of former members. What is read for a group of others is the same as for
    /// none.
    func memberships(
        _ memberships: [Membership], readConcern: ReadConcern = .majority
    ) async throws(MongoError) -> [MembershipDocument] {
        guard !memberships.isEmpty else { return [] }
        let filter = BSONDocument { writer in
            writer.document(MembershipField.id) { $0.append("$in", memberships.map(MembershipDocument.id)) }
        }
        return try await self.memberships.find(
            filter, as: MembershipDocument.self, limit: memberships.count, readConcern: readConcern)
    }

    /// More than a user should have: of two who add somebody at the same time neither knows of the other.
    private static let mostGroups = 2 * Limits.groupsOfUser

    /// The groups that a user is a member of.
    func memberships(of user: UserID) async throws(MongoError) -> [MembershipDocument] {
        let filter = BSONDocument { writer in
            writer.append(MembershipField.user, BSONBinary(user.bytes))
            writer.document(MembershipField.role) { $0.append("$exists", true) }
        }
        return try await memberships.find(
            filter, as: MembershipDocument.self, limit: Self.mostGroups, hint: IndexName.groups)
    }

    /// Says of those conversations of two in which nothing was sent whether the two are strangers.
    func findStrangers(among documents: inout [ConversationDocument]) async throws(MongoError) {
        guard asksAboutStrangers else { return }
        for place in documents.indices {
            let state = documents[place].state
            guard state.group == nil, state.head == 0, state.members.count == 2 else { continue }
            let (one, other) = (state.members[0].user, state.members[1].user)
            documents[place].state.areStrangers = try await !haveGroupInCommon(one, other)
        }
    }

    private func haveGroupInCommon(_ one: UserID, _ other: UserID) async throws(MongoError) -> Bool {
        try await !users([other], withGroupsOf: one).isEmpty
    }

    /// Those of these users who are in a group with another one.
    private func users(_ users: [UserID], withGroupsOf other: UserID) async throws(MongoError) -> Set<UserID> {
        let groups = try await memberships(of: other).map { BSONBinary($0.conversation.bytes) }
        guard !groups.isEmpty else { return [] }
        let filter = BSONDocument { writer in
            writer.document(MembershipField.user) { $0.append("$in", users.map { BSONBinary($0.bytes) }) }
            writer.document(MembershipField.conversation) { $0.append("$in", groups) }
            writer.document(MembershipField.role) { $0.append("$exists", true) }
        }
        let found = try await memberships.aggregate([
            BSONDocument { $0.append("$match", filter) },
            BSONDocument { stage in
                stage.document("$group") { $0.append("_id", "$\(MembershipField.user)") }
            },
        ])
        do throws(BSONError) {
            return Set(try found.map { user throws(BSONError) in try user.identifier("_id", of: UserKind.self) })
        } catch {
            throw MongoError(.invalidDocument, message: "a membership cannot be read: \(error)")
        }
    }

    /// Those who have neither a group in common with whoever adds them nor a conversation that they have accepted.
    private func strangers(
        among additions: [LaneLoad.Addition], direct: [ConversationID: ConversationState]
    ) async throws(MongoError) -> [LaneLoad.Addition] {
        guard asksAboutStrangers else { return [] }
        let unknown = additions.filter { addition in
            guard addition.user != addition.actor else { return false }
            guard let state = direct[.direct(addition.user, addition.actor)], state.head > 0,
                let place = state.index(of: addition.user)
            else { return true }
            return state.members[place].settings.request != nil
        }
        var strangers: [LaneLoad.Addition] = []
        for (actor, additions) in Dictionary(grouping: unknown, by: \.actor) {
            let known = try await users(additions.map(\.user), withGroupsOf: actor)
            strangers += additions.filter { !known.contains($0.user) }
        }
        return strangers
    }

    /// A group without its members, and the lines about it that its document does not show yet, in their order; nil if there
    /// is none.
    func group(
        _ id: ConversationID
    ) async throws(MongoError) -> (document: ConversationDocument, lines: [Message])? {
        let found = try await conversations.find(Self.anyOf([id]), as: ConversationDocument.self, limit: 1)
        guard var document = found.first, document.state.group != nil else { return nil }
        guard document.isMarked else { return (document, []) }
        let tail = try await tails(of: [document])[id] ?? []
        document.absorb(tail)
        return (document, tail.compactMap(\.message).filter { $0.line != nil })
    }

    /// Members of a group, in the order of their ids.
    func members(
        of conversation: ConversationID, after user: UserID?, limit: Int
    ) async throws(MongoError) -> [MembershipDocument] {
        let filter = BSONDocument { writer in
            writer.document(MembershipField.id) { range in
                let first = user.map { MembershipDocument.id(conversation, $0) } ?? conversation.bytes + Self.lowest
                range.append(user == nil ? "$gte" : "$gt", BSONBinary(first))
                range.append("$lte", BSONBinary(conversation.bytes + Self.highest))
            }
            writer.document(MembershipField.role) { $0.append("$exists", true) }
        }
        return try await memberships.find(
            filter, as: MembershipDocument.self, sort: Self.sort(MembershipField.id), limit: limit)
    }

    private static let lowest = [UInt8](repeating: 0, count: 16)
    private static let highest = [UInt8](repeating: .max, count: 16)

    /// Brings memberships up to lines about their groups, unless they are further. Doing it again, later, or at the same
    /// time as others changes nothing.
    func bringMembershipsUpToDate(_ lines: [Message]) async throws(MongoError) {
        let statements = lines.sorted { $0.seq < $1.seq }.flatMap { message in
            message.line?.membershipChanges(by: message.sender).map { Self.statement($0, of: message) } ?? []
        }
        guard !statements.isEmpty else { return }
        // In their order: one line may make somebody an admin whom the one before has added.
        let result = try await memberships.bulkUpdate(statements, ordered: true, writeConcern: durability)
        if let failure = result.failures.first {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
    }

    private static func statement(_ change: MembershipChange, of message: Message) -> UpdateStatement {
        let id = Membership(conversation: message.conversation, user: change.user)
        switch change.kind {
        case .joins(let role):
            let joined = BSONDocument { writer in
                writer.append(MembershipField.conversation, BSONBinary(message.conversation.bytes))
                writer.append(MembershipField.user, BSONBinary(change.user.bytes))
                writer.append(MembershipField.role, role.rawValue)
                writer.append(MembershipField.version, message.seq)
                writer.append(
                    MembershipField.historyFrom, message.line?.showsHistory ?? false ? Int64(0) : message.seq)
                writer.append(MembershipField.since, BSONDate(message.sentAt.milliseconds))
                writer.append(MembershipField.removedAt, Int64(0))
                // What was written before is not unread.
                for field in [MembershipField.received, MembershipField.read] {
                    writer.document(field) { value in
                        value.array("$max") { operands in
                            operands.append("$\(field)")
                            operands.append(message.seq)
                        }
                    }
                }
            }
            // An upsert with the version in its filter would try to insert what is there already.
            let stage = BSONDocument { stage in
                stage.document("$replaceWith") { replacement in
                    replacement.document("$cond") { condition in
                        condition.document("if") { test in
                            test.array("$gte") { operands in
                                operands.append("$\(MembershipField.version)")
                                operands.append(message.seq)
                            }
                        }
                        condition.append("then", "$$ROOT")
                        condition.document("else") { merged in
                            merged.array("$mergeObjects") { parts in
                                parts.append("$$ROOT")
                                parts.append(joined)
                            }
                        }
                    }
                }
            }
            return UpdateStatement(
                filter: BSONDocument { $0.append(MembershipField.id, MembershipDocument.id(id)) },
                update: .pipeline([stage]), upsert: true)
        case .becomes, .leaves, .isRemoved:
            let filter = BSONDocument { writer in
                writer.append(MembershipField.id, MembershipDocument.id(id))
                writer.document(MembershipField.version) { $0.append("$lt", message.seq) }
            }
            let update = BSONDocument { writer in
                writer.document("$set") { set in
                    set.append(MembershipField.version, message.seq)
                    switch change.kind {
                    case .becomes(let role): set.append(MembershipField.role, role.rawValue)
                    case .isRemoved: set.append(MembershipField.removedAt, message.seq)
                    case .joins, .leaves: break
                    }
                }
                if change.kind == .leaves || change.kind == .isRemoved {
                    writer.document("$unset") { $0.append(MembershipField.role, Int32(1)) }
                }
            }
            return UpdateStatement(filter: filter, update: .operators(update))
        }
    }

    /// The most memberships that are looked at to find who is in too many groups.
    private static let mostCounted = 50_000

    /// Those whom others may not add to a group: who has blocked them, who is in too many, and, where the messages of
    /// strangers wait, whoever does not know them.
    func unwilling(_ additions: [LaneLoad.Addition]) async throws(MongoError) -> Set<LaneLoad.Addition> {
        guard !additions.isEmpty else { return [] }
        var unwilling: Set<LaneLoad.Addition> = []
        let direct = try await conversations.find(
            Self.anyOf(additions.map { .direct($0.user, $0.actor) }), as: ConversationDocument.self)
        let byID = Dictionary(direct.map { ($0.state.id, $0.state) }) { first, _ in first }
        for addition in additions {
            guard let state = byID[.direct(addition.user, addition.actor)],
                let place = state.index(of: addition.user), state.members[place].settings.isBlocked
            else { continue }
            unwilling.insert(addition)
        }
        unwilling.formUnion(try await strangers(among: additions, direct: byID))
        let filter = BSONDocument { writer in
            writer.document(MembershipField.user) {
                $0.append("$in", additions.map { BSONBinary($0.user.bytes) })
            }
            writer.document(MembershipField.role) { $0.append("$exists", true) }
        }
        let groups = try await memberships.aggregate([
            BSONDocument { $0.append("$match", filter) },
            BSONDocument { $0.append("$limit", Self.mostCounted) },
            BSONDocument { stage in
                stage.document("$group") { group in
                    group.append("_id", "$\(MembershipField.user)")
                    group.document("n") { $0.append("$sum", Int64(1)) }
                }
            },
            BSONDocument { stage in
                stage.document("$match") { match in
                    match.document("n") { $0.append("$gte", Int64(Limits.groupsOfUser)) }
                }
            },
        ])
        do throws(BSONError) {
            for group in groups {
                let user = try group.identifier("_id", of: UserKind.self)
                unwilling.formUnion(additions.filter { $0.user == user })
            }
        } catch {
            throw MongoError(.invalidDocument, message: "a membership cannot be read: \(error)")
        }
        return unwilling
    }

    /// What an update changes of one member of a group.
    static func statement(_ update: ConversationUpdate, ofMember place: Int) -> UpdateStatement {
        let member = update.state.members[place]
        let position = update.positions.first { $0.member == place }
        let settings = update.settings.first { $0.member == place }
        let filter = BSONDocument { writer in
            writer.append(
                MembershipField.id,
                MembershipDocument.id(Membership(conversation: update.state.id, user: member.user)))
            writer.document(MembershipField.role) { $0.append("$exists", true) }
            if let known = position?.known {
                writer.append(MembershipField.received, known.received)
                writer.append(MembershipField.read, known.read)
                writer.append(MembershipField.unreadMarks, expecting: known.unreadMarks)
            }
            if let settings {
                writer.append(
                    "\(MembershipField.settings).\(SettingsField.version)", expecting: settings.known)
            }
        }
        let change = BSONDocument { writer in
            writer.document("$set") { set in
                if position != nil { member.positions.write(to: &set) }
                if settings != nil {
                    set.append(MembershipField.settings, BSONDocument { member.settings.write(to: &$0) })
                }
            }
        }
        return UpdateStatement(filter: filter, update: .operators(change))
    }
}

extension MemberPositions {
    fileprivate func write(to set: inout BSONWriter) {
        set.append(MembershipField.received, received)
        set.append(MembershipField.read, read)
        guard unreadMarks > 0 else { return }
        set.append(MembershipField.unreadMarks, unreadMarks)
        set.append(MembershipField.readBeforeMarks, readBeforeMarks)
    }
}

extension BSONWriter {
    /// Matches a counter that is absent while it is 0.
    mutating func append(_ key: String, expecting known: Int64) {
        if known > 0 {
            append(key, known)
        } else {
            document(key) { $0.append("$exists", false) }
        }
    }
}
