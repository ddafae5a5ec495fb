import ChatContracts

@testable import GatewayService

/// Changes to messages, with the same faults and conflicts as the messages service has.
extension FakeChat.State {
    func readers(_ request: ReadMessageReaders) throws(Problem) -> MessageReaders {
        _ = try conversation(request.conversation, of: request.user)
        guard let message = messages[request.conversation]?.first(where: { $0.seq == request.seq }) else {
            throw Problem(.unknownMessage)
        }
        guard message.sender == request.user else { throw Problem(Fault(.forbidden, "Somebody else's.")) }
        guard !message.isDeleted else { throw Problem(Fault(.gone, "It was deleted.")) }
        let others = (conversations[request.conversation]?.members ?? []).filter { $0.user != request.user }
        let readers = others.filter { $0.read >= request.seq }.map { MessageReaders.Reader(user: $0.user) }
        return MessageReaders(readers: readers, unread: others.count - readers.count)
    }

    mutating func nextNumber(of conversation: ConversationID) -> Int64 {
        let number = (heads[conversation] ?? 0) + 1
        heads[conversation] = number
        return number
    }

    func messagesWithoutDeletedQuotes(of conversation: ConversationID) -> [Message] {
        let all = messages[conversation] ?? []
        let deleted = Set(all.filter(\.isDeleted).map(\.seq))
        return all.map { message in
            var message = message
            if let quote = message.replyTo, deleted.contains(quote.seq) { message.replyTo?.text = nil }
            return message
        }
    }

    mutating func edit(_ request: EditMessage) throws(Problem) -> ChangeReply {
        let place = try place(of: request.seq, in: request.conversation, for: request.user)
        let found = messages[request.conversation]![place]
        try checkOwn(found, request.user)
        if found.isDeleted { throw Self.gone }
        if found.text == request.text { return ChangeReply(message: found, conflict: false) }
        guard found.textRev == request.rev else { return ChangeReply(message: found, conflict: true) }
        let mentions = mentions(request.mentions, in: request.conversation)
        return change(request.conversation, place) { message, number in
            if message.original == nil {
                message.original = ContentDigest(text: message.text, replyTo: message.replyTo?.seq)
            }
            message.text = request.text
            message.mentions = mentions
            message.edit = MessageEdit(at: Timestamp(milliseconds: 1_700_000_000_000 + number * 60_000), rev: number)
        }
    }

    mutating func delete(_ request: DeleteMessage) throws(Problem) -> Message {
        let place = try place(of: request.seq, in: request.conversation, for: request.user)
        let found = messages[request.conversation]![place]
        try checkOwn(found, request.user)
        if found.isDeleted { return found }
        return change(request.conversation, place) { message, _ in
            message = Message(
                conversation: message.conversation, seq: message.seq, rev: message.rev, sender: message.sender,
                clientMessageId: message.clientMessageId, text: "", sentAt: message.sentAt, isDeleted: true,
                original: message.original ?? ContentDigest(text: message.text, replyTo: message.replyTo?.seq))
        }.message
    }

    mutating func set(_ request: SetReaction) throws(Problem) -> ChangeReply {
        let place = try placeForReaction(to: request.seq, in: request.conversation, for: request.user)
        let found = messages[request.conversation]![place]
        let kind = found.reactions.firstIndex { $0.emoji == request.emoji }
        if let kind, found.reactions[kind].users.contains(request.user) {
            return ChangeReply(message: found, conflict: false)
        }
        guard found.lastWithdrawal <= request.rev else { return ChangeReply(message: found, conflict: true) }
        guard kind != nil || found.reactions.count < Limits.reactionKinds else {
            throw Problem(Fault(.invalid, "Too many kinds.", field: "emoji"))
        }
        return change(request.conversation, place) { message, number in
            if let kind {
                message.reactions[kind].users.append(request.user)
            } else {
                message.reactions.append(Reaction(emoji: request.emoji, users: [request.user]))
            }
            message.lastReaction = number
        }
    }

    mutating func remove(_ request: RemoveReaction) throws(Problem) -> ChangeReply {
        let place = try placeForReaction(to: request.seq, in: request.conversation, for: request.user)
        let found = messages[request.conversation]![place]
        guard let kind = found.reactions.firstIndex(where: { $0.emoji == request.emoji }),
            found.reactions[kind].users.contains(request.user)
        else { return ChangeReply(message: found, conflict: false) }
        guard found.lastReaction <= request.rev else { return ChangeReply(message: found, conflict: true) }
        return change(request.conversation, place) { message, number in
            message.reactions[kind].users.removeAll { $0 == request.user }
            message.reactions.removeAll(where: \.users.isEmpty)
            message.lastReaction = number
            message.lastWithdrawal = number
        }
    }

    /// Puts a line about the conversation into it, which nothing that people do writes.
    mutating func addSystemLine(_ text: String, to conversation: ConversationID, by user: UserID) -> Int64 {
        let seq = nextNumber(of: conversation)
        messages[conversation, default: []].append(
            Message(
                conversation: conversation, seq: seq, rev: seq, sender: user, clientMessageId: .random(), text: text,
                sentAt: Timestamp(milliseconds: 1_700_000_000_000 + seq * 60_000), kind: .system))
        return seq
    }

    private mutating func change(
        _ conversation: ConversationID, _ place: Int, _ body: (inout Message, Int64) -> Void
    ) -> ChangeReply {
        let number = nextNumber(of: conversation)
        var message = messages[conversation]![place]
        body(&message, number)
        message.rev = number
        messages[conversation]![place] = message
        return ChangeReply(message: message, conflict: false)
    }

    private func place(
        of seq: Int64, in conversation: ConversationID, for user: UserID
    ) throws(Problem) -> Int {
        _ = try self.conversation(conversation, of: user)
        guard let place = messages[conversation]?.firstIndex(where: { $0.seq == seq }) else {
            throw Problem(.unknownMessage)
        }
        return place
    }

    private func placeForReaction(
        to seq: Int64, in conversation: ConversationID, for user: UserID
    ) throws(Problem) -> Int {
        let place = try place(of: seq, in: conversation, for: user)
        let found = messages[conversation]![place]
        if found.kind == .system { throw Self.notEditable }
        if found.isDeleted { throw Self.gone }
        return place
    }

    private func checkOwn(_ message: Message, _ user: UserID) throws(Problem) {
        if message.kind == .system { throw Self.notEditable }
        guard message.sender == user else { throw Problem(Fault(.forbidden, "Not yours.", field: "seq")) }
    }

    private static let gone = Problem(Fault(.gone, "The message was deleted.", field: "seq"))
    private static let notEditable = Problem(Fault(.notEditable, "About the conversation.", field: "seq"))
}
