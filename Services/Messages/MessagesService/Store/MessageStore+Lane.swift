import ChatContracts
import MongoStore

/// The steps of a lane. Reads are majority reads, writes are acknowledged by a majority with their journals.
extension MessageStore {
    func load(_ load: LaneLoad) async throws(MongoError) -> LaneLoad.Result {
        var result = LaneLoad.Result()
        var documents = try await again(load.conversations)
        let visible = try await existing(load.memberships)
        let direct = visible.lazy.map(\.state)
        var found = Set(
            load.memberships.filter { asked in
                direct.contains { $0.id == asked.conversation && $0.exists(for: asked.user) }
            })
        documents.add(visible)
        let groups = try await memberships(load.memberships.filter { !found.contains($0) })
            .filter { $0.member.group != nil }
        found.formUnion(
            groups.map { Membership(conversation: $0.conversation, user: $0.member.user) })
        documents.add(try await again(Array(Set(groups.map(\.conversation)))))
        let tails = try await tails(of: documents)
        try await finish(tails)
        try await addMembers(of: load, to: &documents, tails: tails)
        try await findStrangers(among: &documents)
        result.conversations = documents.map { document in
            LoadedConversation(
                document: document.state, last: document.last, tail: tails[document.state.id] ?? [])
        }
        let asked = Set(load.memberships)
        try await makeSure(Array(asked.subtracting(found)))
        let keys =
            load.messages.filter { key in
                let sender = Membership(conversation: key.conversation, user: key.sender)
                return !asked.contains(sender) || found.contains(sender)
            } + load.lines
        if !keys.isEmpty { result.messages = try await stored(keys) }
        result.unwilling = try await unwilling(load.additions)
        result.invitations = try await existing(load.invitations)
        if !load.entries.isEmpty { result.entries = try await entries(load.entries) }
        for count in load.counts { result.counts[count] = try await self.count(count) }
        return result
    }

    /// Gives groups the memberships that were asked for. They are read after what is left of the lines in the tails was
    /// done, so that they are as those lines have made them.
    private func addMembers(
        of load: LaneLoad, to documents: inout [ConversationDocument], tails: [ConversationID: [StoredChange]]
    ) async throws(MongoError) {
        let groups = Set(documents.filter { $0.state.group != nil }.map(\.state.id))
        guard !groups.isEmpty else { return }
        let asked = Set(load.memberships + load.members).filter { groups.contains($0.conversation) }
        let found = Dictionary(
            try await memberships(Array(asked)).map {
                (Membership(conversation: $0.conversation, user: $0.member.user), $0)
            }
        ) { first, _ in first }
        for index in documents.indices where groups.contains(documents[index].state.id) {
            let id = documents[index].state.id
            let head = max(documents[index].state.head, tails[id]?.last?.number ?? 0)
            for membership in asked where membership.conversation == id {
                let document = found[membership]
                // Another writer has gone on since the tail was read.
                guard document?.version ?? 0 <= head else {
                    throw MongoError(.unavailable, message: "a group has changed while it was read")
                }
                documents[index].state.members.append(
                    document?.member ?? ConversationState.Member(user: membership.user))
            }
        }
    }

    /// Notes that users have opened conversations, and makes those that nobody has opened before.
    func open(_ openings: [LaneOpening]) async throws(MongoError) {
        // Two that make the same document at once can hinder each other; it is there at the second try.
        var left = openings
        for _ in 0..<3 {
            let result = try await conversations.bulkUpdate(left.map(Self.statement), writeConcern: durability)
            for failure in result.failures where failure.duplicate == nil {
                throw MongoError(.refused, message: failure.message, serverCode: failure.code)
            }
            guard !result.failures.isEmpty else { return }
            left = result.failures.map { left[$0.index] }
        }
        throw MongoError(.unavailable, message: "others make the same conversations all the time")
    }

    private static func statement(_ opening: LaneOpening) -> UpdateStatement {
        UpdateStatement(
            filter: BSONDocument {
                $0.append(ConversationField.id, BSONBinary(opening.membership.conversation.bytes))
            },
            update: .operators(
                BSONDocument { writer in
                    writer.document("$setOnInsert") { ConversationDocument(opening).writeFields(to: &$0) }
                    writer.document("$min") {
                        $0.append(ConversationField.opened(by: opening.user), BSONDate(opening.at.milliseconds))
                    }
                }), upsert: true)
    }

    /// Stores changes in this order, up to the first whose number, or whose client message id, is taken.
    ///
    /// What stores a change is the document with its number. The entries that were changed follow, as far as they are
    /// behind; see ``finish(_:)`` for what becomes of them if the service ends in between.
    func write(_ changes: [Change]) async throws(MongoError) -> LaneWrite {
        try await announceInvitations(changes.lines)
        return try await finish(
            changes, after: try await messages.insertMany(changes.map(\.document), writeConcern: durability))
    }

    /// Brings the entries and memberships up to those of these changes that an ordered insertion has stored.
    func finish(
        _ changes: [Change], after result: InsertManyResult
    ) async throws(MongoError) -> LaneWrite {
        guard let failure = result.failures.first else {
            try await bringUpToDate(changes)
            return LaneWrite(stored: result.insertedCount)
        }
        guard let duplicate = failure.duplicate else {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
        try await bringUpToDate(Array(changes.prefix(result.insertedCount)))
        let isOnce = duplicate.index == IndexName.once || duplicate.keyPattern.contains(MessageField.clientMessageID)
        let isMessage = changes.indices.contains(failure.index) && changes[failure.index].isBirth
        return LaneWrite(stored: result.insertedCount, conflict: isOnce && isMessage ? .clientMessageID : .number)
    }

    /// Brings entries up to the last of these changes, unless they are further, and takes the content out of the markers
    /// before it. Doing it again, later, or at the same time as others changes nothing.
    func bringUpToDate(_ changes: [Change]) async throws(MongoError) {
        let lines = changes.lines
        try await bringMembershipsUpToDate(lines)
        try await forgetInvitations(lines)
        var entries: [EntryKey: Message] = [:]
        var statements: [UpdateStatement] = []
        for change in changes {
            guard let replaces = change.replaces else { continue }
            let message = change.message
            let key = EntryKey(message)
            if message.rev > entries[key]?.rev ?? 0 { entries[key] = message }
            guard replaces > message.seq else { continue }
            let number = BSONBinary(Message.documentID(message.conversation, replaces))
            statements.append(
                Self.replacement(
                    BSONDocument { $0.append(MessageField.id, number) },
                    by: Change.spentMarker(replaces, of: message)))
        }
        guard !entries.isEmpty else { return }
        statements += entries.values.map { message in
            Self.replacement(
                BSONDocument { writer in
                    writer.append(
                        MessageField.id, BSONBinary(Message.documentID(message.conversation, message.seq)))
                    writer.document(MessageField.rev) { $0.append("$lt", message.rev) }
                }, by: message.document)
        }
        let result = try await messages.bulkUpdate(statements, writeConcern: durability)
        if let failure = result.failures.first {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
    }

    private static func replacement(_ filter: BSONDocument, by document: BSONDocument) -> UpdateStatement {
        UpdateStatement(
            filter: filter,
            update: .pipeline([
                BSONDocument { stage in
                    stage.document("$replaceWith") { $0.append("$literal", document) }
                }
            ]))
    }

    /// Those of these entries that exist.
    func entries(_ keys: [EntryKey]) async throws(MongoError) -> [Message] {
        let filter = BSONDocument { writer in
            writer.document(MessageField.id) {
                $0.append("$in", keys.map { BSONBinary(Message.documentID($0.conversation, $0.seq)) })
            }
            Self.appendEntriesOnly(to: &writer)
        }
        return try await withoutDeletedQuotes(Self.messages(try await messages.find(filter, limit: keys.count)))
    }

    /// Brings documents up to date, each if it is as expected.
    ///
    /// - Returns: how many were.
    func update(_ updates: [ConversationUpdate]) async throws(MongoError) -> Int {
        let summaries = updates.filter { $0.state.group == nil || $0.changesSummary }
        let result = try await conversations.bulkUpdate(summaries.map(Self.statement), writeConcern: durability)
        let ofMembers = updates.filter { $0.state.group != nil }.flatMap { update in
            update.changedMembers.sorted().map { Self.statement(update, ofMember: $0) }
        }
        let members = try await memberships.bulkUpdate(ofMembers, writeConcern: durability)
        if let failure = result.failures.first ?? members.failures.first {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
        return result.matched + members.matched
    }

    private static func statement(_ update: ConversationUpdate) -> UpdateStatement {
        let state = update.state
        let filter = BSONDocument { writer in
            writer.append(ConversationField.id, BSONBinary(state.id.bytes))
            writer.append(ConversationField.head, state.storedHead)
            if let mark = update.expectedMark { writer.append(ConversationField.mark, mark) }
            guard state.group == nil else { return }
            for position in update.positions {
                let (place, known) = (position.member, position.known)
                writer.append(ConversationField.member(place, ConversationField.received), known.received)
                writer.append(ConversationField.member(place, ConversationField.read), known.read)
                writer.append(
                    ConversationField.member(place, ConversationField.unreadMarks), expecting: known.unreadMarks)
            }
            for settings in update.settings {
                writer.append(
                    SettingsField.path(settings.member, SettingsField.version), expecting: settings.known)
            }
        }
        let isFirst = update.isSummary && state.storedHead == 0
        let change = BSONDocument { writer in
            if update.mark == .remove || isFirst {
                writer.document("$unset") { unset in
                    if update.mark == .remove { unset.append(ConversationField.mark, Int32(1)) }
                    if isFirst { unset.append(ConversationField.opened, Int32(1)) }
                }
            }
            let isOfMembers = state.group == nil && !(update.positions.isEmpty && update.settings.isEmpty)
            if update.mark == .remove, !update.isSummary, !isOfMembers { return }
            writer.document("$set") { set in write(update, to: &set) }
        }
        return UpdateStatement(filter: filter, update: .operators(change))
    }

    private static func write(_ update: ConversationUpdate, to set: inout BSONWriter) {
        let state = update.state
        if update.isSummary {
            set.append(ConversationField.head, state.head)
            set.append(ConversationField.count, state.count)
            if let last = update.last {
                set.append(ConversationField.last, ConversationDocument.summary(of: last))
                set.append(ConversationField.activeAt, BSONDate(last.sentAt.milliseconds))
            }
            if let changedAt = update.changedAt {
                set.append(ConversationField.changedAt, BSONDate(changedAt.milliseconds))
            }
            if state.storedHead == 0 {
                set.append(ConversationField.createdAt, BSONDate(state.createdAt.milliseconds))
            }
            if let group = state.group {
                set.append(ConversationField.group, BSONDocument { group.write(to: &$0) })
            } else {
                for (place, member) in state.members.enumerated() {
                    set.append(ConversationField.member(place, ConversationField.sent), member.sent)
                }
            }
        }
        if state.group == nil { writeMembers(update, to: &set) }
        if case .set(let mark) = update.mark { set.append(ConversationField.mark, mark) }
    }

    private static func writeMembers(_ update: ConversationUpdate, to set: inout BSONWriter) {
        let state = update.state
        for position in update.positions {
            let member = state.members[position.member]
            let place = position.member
            let positions = member.positions
            set.append(ConversationField.member(place, ConversationField.received), positions.received)
            set.append(ConversationField.member(place, ConversationField.read), positions.read)
            if positions.unreadMarks > 0 {
                set.append(ConversationField.member(place, ConversationField.unreadMarks), positions.unreadMarks)
                set.append(
                    ConversationField.member(place, ConversationField.readBeforeMarks), positions.readBeforeMarks)
            }
            if let readAt = positions.readAt, readAt != position.known.readAt {
                set.append(ConversationField.member(place, ConversationField.readAt), BSONDate(readAt.milliseconds))
            }
            set.append(ConversationField.member(place, ConversationField.readOfOthers), member.readOfOthers)
        }
        for settings in update.settings {
            set.append(
                ConversationField.member(settings.member, ConversationField.settings),
                BSONDocument { state.members[settings.member].settings.write(to: &$0) })
        }
    }

    /// Documents that are known to exist.
    private func again(_ ids: [ConversationID]) async throws(MongoError) -> [ConversationDocument] {
        guard !ids.isEmpty else { return [] }
        return try await conversations.find(Self.anyOf(ids), as: ConversationDocument.self)
    }

    /// The documents of those of the conversations that exist for their users, each once.
    private func existing(_ memberships: [Membership]) async throws(MongoError) -> [ConversationDocument] {
        guard !memberships.isEmpty else { return [] }
        return try await conversations.find(
            Self.existing(memberships), as: ConversationDocument.self, hint: IndexName.member)
    }

    /// "There is none" is a final answer, so it must not come from a member that is behind. One read, however many are
    /// missing: whoever asks for what is not theirs must not hold up the lane.
    private func makeSure(_ missing: [Membership]) async throws(MongoError) {
        for start in stride(from: 0, to: missing.count, by: Self.sureReads) {
            let part = Array(missing[start..<min(start + Self.sureReads, missing.count)])
            let found = try await conversations.find(
                Self.existing(part), projection: BSONDocument { $0.append(ConversationField.id, Int32(1)) },
                limit: part.count, hint: IndexName.member, readConcern: .linearizable)
            let groups = try await memberships(part, readConcern: .linearizable).filter { $0.member.group != nil }
            guard found.isEmpty, groups.isEmpty else {
                throw MongoError(.unavailable, message: "a read was behind")
            }
        }
    }

    /// The most that one linearizable read looks for.
    private static let sureReads = 128

    private func stored(_ keys: [MessageKey]) async throws(MongoError) -> [Message] {
        struct Sender: Hashable {
            var conversation: ConversationID
            var user: UserID
        }
        let bySender = Dictionary(grouping: keys) { Sender(conversation: $0.conversation, user: $0.sender) }
        let filter = BSONDocument { writer in
            writer.append(
                "$or",
                bySender.map { sender, keys in
                    BSONDocument { clause in
                        clause.append(MessageField.conversation, BSONBinary(sender.conversation.bytes))
                        clause.append(MessageField.sender, BSONBinary(sender.user.bytes))
                        clause.document(MessageField.clientMessageID) {
                            $0.append("$in", keys.map { BSONBinary($0.clientMessageID.bytes) })
                        }
                    }
                })
        }
        return try await withoutDeletedQuotes(Self.messages(try await messages.find(filter, limit: keys.count)))
    }

    /// Messages that count at a given head: a deletion above it has not happened yet, wherever the entry is. With a limit,
    /// only the newest numbers are looked at, so that what is not counted costs no more than what is.
    func count(_ count: LaneLoad.Count) async throws(MongoError) -> Int64 {
        let range = BSONDocument {
            Self.appendRange(of: count.conversation, after: count.after, through: count.through, to: &$0)
        }
        let counted = BSONDocument { writer in
            Self.appendEntriesOnly(to: &writer)
            writer.document(MessageField.kind) { $0.append("$exists", false) }
            writer.append(
                "$or",
                [
                    BSONDocument { $0.document(MessageField.deleted) { $0.append("$exists", false) } },
                    BSONDocument { $0.document(MessageField.rev) { $0.append("$gt", count.head) } },
                ])
            writer.document(MessageField.sender) { $0.append("$ne", BSONBinary(count.user.bytes)) }
        }
        guard let limit = count.limit else {
            return Int64(
                try await messages.count(
                    BSONDocument { writer in
                        writer.append(contentsOf: range)
                        writer.append(contentsOf: counted)
                    }))
        }
        let found = try await messages.aggregate([
            BSONDocument { $0.append("$match", range) },
            BSONDocument { $0.append("$sort", Self.sort(MessageField.id, ascending: false)) },
            BSONDocument { $0.append("$limit", Self.mostCountedNumbers) },
            BSONDocument { $0.append("$match", counted) },
            BSONDocument { $0.append("$limit", limit) },
            BSONDocument { $0.append("$count", "n") },
        ])
        do throws(BSONError) {
            return try found.first?.int64("n") ?? 0
        } catch {
            throw MongoError(.invalidDocument, message: "a count cannot be read: \(error)")
        }
    }

    /// Numbers of a group that are looked at to find what is unread, the newest.
    static let mostCountedNumbers = 5 * Int64(Limits.countedUnread)
}

extension [ConversationDocument] {
    /// Adds those that are not in it.
    fileprivate mutating func add(_ others: [ConversationDocument]) {
        let known = Set(map(\.state.id))
        self += others.filter { !known.contains($0.state.id) }
    }
}

extension [Change] {
    /// The lines about groups among them.
    fileprivate var lines: [Message] { filter { $0.isBirth && $0.message.line != nil }.map(\.message) }
}
