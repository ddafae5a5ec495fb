import ChatContracts
import MongoStore

#if PlantedMistakes
    import ServiceKit
#endif

/// The steps of a lane. Reads are majority reads, writes are acknowledged by a majority with their journals.
extension MessageStore {
    func load(_ load: LaneLoad) async throws(MongoError) -> LaneLoad.Result {
        var result = LaneLoad.Result()
        if !load.conversations.isEmpty {
            result.conversations = try await conversationsWithTails(load.conversations)
            let found = Set(result.conversations.map(\.state.id))
            for id in load.conversations where !found.contains(id) {
                // "There is none" is a final answer, so it must not come from a member that is behind.
                guard try await conversation(id, readConcern: .linearizable) == nil else {
                    throw MongoError(.unavailable, message: "a read was behind")
                }
            }
        }
        if !load.messages.isEmpty { result.messages = try await stored(load.messages) }
        for count in load.counts { result.counts[count] = try await self.count(count) }
        return result
    }

    /// Stores new conversations, each by itself.
    ///
    /// - Returns: the ones that existed already.
    func open(_ states: [ConversationState]) async throws(MongoError) -> Set<ConversationID> {
        let result = try await conversations.insertMany(
            states.map { ConversationDocument(new: $0).bson }, ordered: false, writeConcern: durability)
        var existing: Set<ConversationID> = []
        for failure in result.failures {
            guard failure.duplicate != nil else {
                throw MongoError(.refused, message: failure.message, serverCode: failure.code)
            }
            existing.insert(states[failure.index].id)
        }
        return existing
    }

    /// Stores messages in this order, up to the first that cannot be stored.
    func insert(_ batch: [Message]) async throws(MongoError) -> LaneInsertion {
        #if PlantedMistakes
            let isOrdered = !PlantedMistake.unorderedInsert.isMade
        #else
            let isOrdered = true
        #endif
        let result = try await messages.insertMany(
            batch.map(\.document), ordered: isOrdered, writeConcern: durability)
        guard let failure = result.failures.first else { return LaneInsertion(stored: result.insertedCount) }
        guard let duplicate = failure.duplicate else {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
        let isOnce = duplicate.index == IndexName.once || duplicate.keyPattern.contains(MessageField.clientMessageID)
        return LaneInsertion(stored: result.insertedCount, conflict: isOnce ? .clientMessageID : .number)
    }

    /// Brings documents up to date, each if it is as expected.
    ///
    /// - Returns: how many were.
    func update(_ updates: [ConversationUpdate]) async throws(MongoError) -> Int {
        let result = try await conversations.bulkUpdate(updates.map(Self.statement), writeConcern: durability)
        if let failure = result.failures.first {
            throw MongoError(.refused, message: failure.message, serverCode: failure.code)
        }
        return result.matched
    }

    private static func statement(_ update: ConversationUpdate) -> UpdateStatement {
        let state = update.state
        let filter = BSONDocument { writer in
            writer.append(ConversationField.id, BSONBinary(state.id.bytes))
            writer.append(ConversationField.head, state.storedHead)
            if let mark = update.expectedMark { writer.append(ConversationField.mark, mark) }
            for position in update.positions {
                writer.append(
                    ConversationField.member(position.member, ConversationField.received), position.received)
                writer.append(ConversationField.member(position.member, ConversationField.read), position.read)
            }
        }
        let change = BSONDocument { writer in
            if update.mark == .remove {
                writer.document("$unset") { $0.append(ConversationField.mark, Int32(1)) }
                if update.last == nil, update.positions.isEmpty { return }
            }
            writer.document("$set") { set in write(update, to: &set) }
        }
        return UpdateStatement(filter: filter, update: .operators(change))
    }

    private static func write(_ update: ConversationUpdate, to set: inout BSONWriter) {
        let state = update.state
        if let last = update.last {
            set.append(ConversationField.head, state.head)
            set.append(ConversationField.count, state.count)
            set.append(ConversationField.last, ConversationDocument.summary(of: last))
            set.append(ConversationField.activeAt, BSONDate(last.sentAt.milliseconds))
            for (place, member) in state.members.enumerated() {
                set.append(ConversationField.member(place, ConversationField.sent), member.sent)
            }
        }
        for position in update.positions {
            let member = state.members[position.member]
            let place = position.member
            set.append(ConversationField.member(place, ConversationField.received), member.received)
            set.append(ConversationField.member(place, ConversationField.read), member.read)
            set.append(ConversationField.member(place, ConversationField.readOfOthers), member.readOfOthers)
        }
        if case .set(let mark) = update.mark { set.append(ConversationField.mark, mark) }
    }

    private func conversationsWithTails(_ ids: [ConversationID]) async throws(MongoError) -> [LoadedConversation] {
        let documents = try await conversations.find(Self.anyOf(ids), as: ConversationDocument.self)
        let tails = try await tails(of: documents)
        return documents.map { document in
            LoadedConversation(
                document: document.state, last: document.last, tail: tails[document.state.id] ?? [])
        }
    }

    private func stored(_ keys: [MessageKey]) async throws(MongoError) -> [Message] {
        #if PlantedMistakes
            if PlantedMistake.noDuplicateCheck.isMade { return [] }
        #endif
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
        return try Self.messages(try await messages.find(filter, limit: keys.count))
    }

    private func count(_ count: LaneLoad.Count) async throws(MongoError) -> Int64 {
        let filter = BSONDocument { writer in
            writer.document(MessageField.id) { range in
                range.append("$gt", BSONBinary(Message.documentID(count.conversation, count.after)))
                range.append("$lte", BSONBinary(Message.documentID(count.conversation, count.through)))
            }
            writer.document(MessageField.sender) { $0.append("$ne", BSONBinary(count.user.bytes)) }
        }
        return Int64(try await messages.count(filter))
    }
}
