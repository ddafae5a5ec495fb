import ChatContracts
import MongoStore

/// What queries read. All of it is what a majority has.
extension MessageStore {
    /// The conversation, if it exists for the user. What is read for one of others is the same as for none.
    ///
    /// - Parameter isCounted: whether what is unread in a group is wanted, which takes two more reads.
    func conversation(
        _ id: ConversationID, of user: UserID, isCounted: Bool = true
    ) async throws(MongoError) -> ConversationDocument? {
        let documents = try await uncounted([id], of: user)
        return isCounted ? try await counted(documents).first : documents.first
    }

    /// Those that exist for the user, in no particular order. What is read for those of others is the same as for none.
    ///
    /// - Parameter readConcern: majority reads may, for a moment after an election, be behind what was acknowledged
    ///   before; linearizable ones never are, and cost a round trip to a majority, however many are asked for.
    func conversations(
        _ ids: [ConversationID], of user: UserID, readConcern: ReadConcern = .majority
    ) async throws(MongoError) -> [ConversationDocument] {
        try await counted(try await uncounted(ids, of: user, readConcern: readConcern))
    }

    /// The same without what is unread in groups.
    func uncounted(
        _ ids: [ConversationID], of user: UserID, readConcern: ReadConcern = .majority
    ) async throws(MongoError) -> [ConversationDocument] {
        guard !ids.isEmpty else { return [] }
        let direct = try await conversations.find(
            Self.existing(ids, for: user), as: ConversationDocument.self, limit: ids.count, hint: IndexName.member,
            readConcern: readConcern)
        let found = Set(direct.map(\.state.id))
        let groups = try await groups(
            ids.filter { !found.contains($0) }.map { Membership(conversation: $0, user: user) },
            readConcern: readConcern)
        let documents = try await confirmed(
            try await completed(direct + groups), of: user, readConcern: readConcern)
        return documents.filter { $0.state.group == nil || $0.state.membership(of: user) != nil }
    }

    /// Groups with what the user is in them after they were read: nobody sees a number at which they were no member, although
    /// the membership was looked for first. Whoever is none any more has none.
    private func confirmed(
        _ documents: [ConversationDocument], of user: UserID, readConcern: ReadConcern = .majority
    ) async throws(MongoError) -> [ConversationDocument] {
        let groups = documents.filter { $0.state.group != nil }
        guard !groups.isEmpty else { return documents }
        let asked = groups.map { Membership(conversation: $0.state.id, user: user) }
        let found = Dictionary(
            try await memberships(asked, readConcern: readConcern).map { ($0.conversation, $0) }
        ) { first, _ in first }
        return documents.map { document in
            guard document.state.group != nil else { return document }
            var document = document
            let membership = found[document.state.id]
            document.state.members = [membership?.member ?? ConversationState.Member(user: user)]
            // The line is stored before the membership is brought up to it.
            for line in document.lines where line.seq > membership?.version ?? 0 {
                document.state.absorbMemberships(of: line)
            }
            return document
        }
    }

    /// The groups of those of these memberships that exist, each with the membership.
    private func groups(
        _ asked: [Membership], readConcern: ReadConcern
    ) async throws(MongoError) -> [ConversationDocument] {
        let memberships = try await memberships(asked, readConcern: readConcern).filter { $0.member.group != nil }
        guard !memberships.isEmpty else { return [] }
        return Self.joined(
            try await conversations.find(
                Self.anyOf(memberships.map(\.conversation)), as: ConversationDocument.self,
                limit: memberships.count, readConcern: readConcern), with: memberships)
    }

    /// Groups with what somebody is in them.
    private static func joined(
        _ documents: [ConversationDocument], with memberships: [MembershipDocument]
    ) -> [ConversationDocument] {
        let members = Dictionary(memberships.map { ($0.conversation, $0.member) }) { first, _ in first }
        return documents.compactMap { document in
            guard let member = members[document.state.id] else { return nil }
            var document = document
            document.state.members = [member]
            return document
        }
    }

    /// The same with what is unread in groups.
    private func counted(_ documents: [ConversationDocument]) async throws(MongoError) -> [ConversationDocument] {
        var documents = documents
        for index in documents.indices where documents[index].state.group != nil {
            for place in documents[index].state.members.indices {
                guard let count = documents[index].state.unreadCount(ofMemberAt: place) else { continue }
                let unread = try await self.count(count)
                guard unread > 0 else { continue }
                documents[index].state.members[place].counted = unread
                documents[index].state.members[place].mentioned = try await mentions(count, in: documents[index])
            }
        }
        return documents
    }

    /// The conversations that exist for a user, the most recently active first.
    func conversations(
        of user: UserID, after place: ListPlace?, limit: Int
    ) async throws(MongoError) -> [ConversationDocument] {
        let filter = BSONDocument { writer in
            Self.exists(for: user, in: &writer)
            if let place { Self.append(after: place, to: &writer) }
        }
        let sort = BSONDocument { sort in
            sort.append(ConversationField.activeAt, Int32(-1))
            sort.append(ConversationField.id, Int32(1))
        }
        let direct = try await conversations.find(
            filter, as: ConversationDocument.self, sort: sort, limit: limit, hint: IndexName.activity)
        let memberships = try await memberships(of: user)
        guard !memberships.isEmpty else { return try await completed(direct) }
        let groups = try await conversations.find(
            BSONDocument { writer in
                writer.append(contentsOf: Self.anyOf(memberships.map(\.conversation)))
                if let place { Self.append(after: place, to: &writer) }
            }, as: ConversationDocument.self, sort: sort, limit: limit)
        let listed = (direct + Self.joined(groups, with: memberships)).sorted(by: Self.isListedBefore)
        return try await counted(
            try await confirmed(try await completed(Array(listed.prefix(limit))), of: user))
    }

    /// The order of lists: that of the sort above.
    private static func isListedBefore(_ one: ConversationDocument, _ other: ConversationDocument) -> Bool {
        (other.activeAt, one.state.id) < (one.activeAt, other.state.id)
    }

    /// Matches what comes after a place in the order of lists.
    private static func append(after place: ListPlace, to writer: inout BSONWriter) {
        let active = BSONDate(place.activeAt.milliseconds)
        // The first bound is for the index, the others for the rest of the same millisecond.
        writer.document(ConversationField.activeAt) { $0.append("$lte", active) }
        writer.array("$and") { all in
            all.document { rest in
                rest.array("$or") { either in
                    either.document { earlier in
                        earlier.document(ConversationField.activeAt) { $0.append("$lt", active) }
                    }
                    either.document { same in
                        same.document(ConversationField.id) {
                            $0.append("$gt", BSONBinary(place.conversation.bytes))
                        }
                    }
                }
            }
        }
    }

    /// The conversations that a user has pinned, in no particular order.
    func pinned(of user: UserID, limit: Int) async throws(MongoError) -> [ConversationDocument] {
        let filter = BSONDocument { writer in
            Self.exists(for: user, in: &writer)
            writer.document(Self.pinnedAt) { $0.append("$exists", true) }
            writer.document(ConversationField.members) { members in
                members.document("$elemMatch") { member in
                    member.append(ConversationField.user, BSONBinary(user.bytes))
                    member.document("\(ConversationField.settings).\(SettingsField.pinnedAt)") {
                        $0.append("$exists", true)
                    }
                }
            }
        }
        let direct = try await conversations.find(
            filter, as: ConversationDocument.self, limit: limit, hint: IndexName.pinned)
        let memberships = try await memberships(of: user).filter { $0.member.settings.pinnedAt != nil }
        let groups =
            memberships.isEmpty
            ? []
            : try await conversations.find(
                Self.anyOf(memberships.map(\.conversation)), as: ConversationDocument.self, limit: memberships.count)
        return try await counted(
            try await confirmed(try await completed(direct + Self.joined(groups, with: memberships)), of: user))
    }

    /// The heads of conversations in which anything was sent or changed since a moment, with those members for whom they
    /// exist. While a conversation is busy, its head may be that of some seconds ago.
    func heads(
        of users: [UserID], since moment: Timestamp, limit: Int
    ) async throws(MongoError) -> [(conversation: ConversationID, members: [UserID], head: Int64)] {
        let documents =
            try await headFields(
                of: users, field: ConversationField.activeAt, since: moment, limit: limit, hint: IndexName.activity)
            + headFields(
                of: users, field: ConversationField.changedAt, since: moment, limit: limit, hint: IndexName.changes)
        let groups = try await groupFields(since: moment, limit: limit)
        let inGroups = try await members(of: groups, among: users)
        var seen: Set<ConversationID> = []
        var heads: [(conversation: ConversationID, members: [UserID], head: Int64)] = []
        heads.reserveCapacity(documents.count)
        var stale: [(conversation: ConversationID, head: Int64)] = []
        let long = Timestamp.now.milliseconds - Self.longestCatchUp
        do throws(BSONError) {
            for document in documents + groups {
                let id = try document.identifier(ConversationField.id, of: ConversationKind.self)
                guard seen.insert(id).inserted else { continue }
                var members = inGroups[id] ?? []
                let head = try document.counter(ConversationField.head)
                let opened = try document.optionalDocument(ConversationField.opened)
                for member in try document.optionalDocuments(ConversationField.members) ?? [] {
                    let user = try member.identifier(ConversationField.user, of: UserKind.self)
                    if head > 0 || opened?.has(user.description) ?? false { members.append(user) }
                }
                heads.append((id, members, head))
                let last = max(
                    try document.date(ConversationField.activeAt),
                    try document.optionalDate(ConversationField.changedAt) ?? .min)
                if document.has(ConversationField.mark), last < long {
                    stale.append((id, head))
                }
            }
        } catch {
            throw MongoError(.invalidDocument, message: "a conversation cannot be read: \(error)")
        }
        // Marked by a lane that has ended since: nobody brings it up to date before the next message.
        let newest = try await newestChanges(Array(stale.prefix(Self.staleHeads)))
        guard !newest.isEmpty else { return heads }
        return heads.map { ($0.conversation, $0.members, newest[$0.conversation] ?? $0.head) }
    }

    /// What a digest needs of the documents in which a date is not before a moment.
    private func headFields(
        of users: [UserID], field: String, since moment: Timestamp, limit: Int, hint: String
    ) async throws(MongoError) -> [BSONDocument] {
        let filter = BSONDocument { writer in
            writer.document(Self.member) {
                $0.append("$in", users.map { BSONBinary($0.bytes) })
            }
            writer.document(field) { $0.append("$gte", BSONDate(moment.milliseconds)) }
        }
        return try await conversations.find(filter, projection: Self.headFields, limit: limit, hint: hint)
    }

    /// What a digest needs of the groups in which anything was sent or changed since a moment.
    private func groupFields(since moment: Timestamp, limit: Int) async throws(MongoError) -> [BSONDocument] {
        var found: [BSONDocument] = []
        for (field, hint) in [
            (ConversationField.activeAt, IndexName.activeGroups),
            (ConversationField.changedAt, IndexName.changedGroups),
        ] {
            let filter = BSONDocument { writer in
                writer.append(contentsOf: Self.areGroups)
                writer.document(field) { $0.append("$gte", BSONDate(moment.milliseconds)) }
            }
            found += try await conversations.find(
                filter, projection: Self.headFields, limit: limit, hint: hint)
        }
        return found
    }

    /// Which of these users are members of which of these groups.
    private func members(
        of groups: [BSONDocument], among users: [UserID]
    ) async throws(MongoError) -> [ConversationID: [UserID]] {
        guard !groups.isEmpty else { return [:] }
        let ids = groups.compactMap { try? $0.binary(ConversationField.id) }
        let filter = BSONDocument { writer in
            writer.document(MembershipField.user) { $0.append("$in", users.map { BSONBinary($0.bytes) }) }
            writer.document(MembershipField.conversation) { $0.append("$in", ids.map { BSONBinary($0) }) }
            writer.document(MembershipField.role) { $0.append("$exists", true) }
        }
        let found = try await memberships.find(
            filter, as: MembershipDocument.self, limit: Self.digestMemberships, hint: IndexName.groups)
        return Dictionary(grouping: found, by: \.conversation).mapValues { $0.map(\.member.user) }
    }

    private static let headFields = BSONDocument { writer in
        for name in [
            ConversationField.head, member, ConversationField.opened, ConversationField.mark,
            ConversationField.activeAt, ConversationField.changedAt,
        ] { writer.append(name, Int32(1)) }
    }

    /// The most memberships that one digest looks at.
    private static let digestMemberships = 50_000
    /// Milliseconds after which a lane that lives has surely brought a document up to date.
    private static let longestCatchUp: Int64 = 10_000
    /// The most documents that one digest completes.
    private static let staleHeads = 500

    /// Messages with `after < seq <= through`, as their documents have them. What a conversation's tail knows better is
    /// for ``ConversationDocument/current(_:)``.
    ///
    /// - Parameter oldestFirst: whether a limit keeps the oldest; else it keeps the newest, and they come first.
    func messages(
        of conversation: ConversationID, after: Int64, through: Int64, oldestFirst: Bool, limit: Int
    ) async throws(MongoError) -> [Message] {
        guard after < through else { return [] }
        let filter = BSONDocument { writer in
            Self.appendRange(of: conversation, after: after, through: through, to: &writer)
            Self.appendEntriesOnly(to: &writer)
        }
        return try Self.messages(
            try await messages.find(
                filter, sort: Self.sort(MessageField.id, ascending: oldestFirst), limit: limit))
    }

    /// What is stored under the numbers `after < number <= through`, in their order.
    func changes(
        of conversation: ConversationID, after: Int64, through: Int64, limit: Int
    ) async throws(MongoError) -> [StoredChange] {
        let filter = BSONDocument {
            Self.appendRange(of: conversation, after: after, through: through, to: &$0)
        }
        return try Self.changes(
            try await messages.find(filter, sort: Self.sort(MessageField.id), limit: limit))
    }

    /// Messages of a conversation that were read after its document, as a member may see them now.
    func shown(
        _ messages: [Message], of document: ConversationDocument, to user: UserID
    ) async throws(MongoError) -> [Message] {
        let shown = try await withoutDeletedQuotes(document.current(messages), deleted: document.deleted)
        let first = document.state.historyFrom(for: user)
        guard first > 0 else { return shown }
        return shown.filter { $0.seq >= first }.map { message in
            guard let quote = message.replyTo, quote.seq < first else { return message }
            var message = message
            message.replyTo?.text = nil
            return message
        }
    }

    /// Takes the quoted texts away whose message was deleted since. One read of ids, if there are quotes at all.
    ///
    /// - Parameter deleted: messages that are known to be.
    func withoutDeletedQuotes(
        _ found: [Message], deleted: Set<EntryKey> = []
    ) async throws(MongoError) -> [Message] {
        let quoted = Set(
            found.compactMap { message in
                message.replyTo.flatMap { quote in
                    quote.text.map { _ in EntryKey(conversation: message.conversation, seq: quote.seq) }
                }
            })
        guard !quoted.isEmpty else { return found }
        var gone = deleted
        let filter = BSONDocument { writer in
            writer.document(MessageField.id) {
                $0.append("$in", quoted.map { BSONBinary(Message.documentID($0.conversation, $0.seq)) })
            }
            writer.append(MessageField.deleted, true)
        }
        let documents = try await messages.find(
            filter, projection: BSONDocument { $0.append(MessageField.id, Int32(1)) }, limit: quoted.count)
        for document in documents {
            let (conversation, number) = try Self.place(of: document)
            gone.insert(EntryKey(conversation: conversation, seq: number))
        }
        return found.map { message in
            guard let quote = message.replyTo,
                gone.contains(EntryKey(conversation: message.conversation, seq: quote.seq))
            else { return message }
            var message = message
            message.replyTo?.text = nil
            return message
        }
    }
}

/// A place in a user's list of conversations, as a caller gives it back.
struct ListPlace: Sendable, Hashable, LosslessStringConvertible {
    var activeAt: Timestamp
    var conversation: ConversationID

    init(_ document: ConversationDocument) {
        activeAt = document.activeAt
        conversation = document.state.id
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = ConversationID(String(parts[1])) else {
            return nil
        }
        activeAt = Timestamp(milliseconds: milliseconds)
        conversation = id
    }

    var description: String { "\(activeAt.milliseconds)-\(conversation)" }
}
