import FaultHistory

/// The final read, with the history's numbers for texts.
struct Store: Sendable {
    struct Message: Sendable {
        var seq: Int64
        var rev: Int64
        var content: Content
    }

    struct Conversation: Sendable {
        var members: [Symbol: StoredConversation.Member]
        /// Sorted by seq.
        var messages: [Message]

        var head: Int64 { messages.last?.seq ?? 0 }

        /// The first message with a seq.
        func message(_ seq: Int64) -> Message? {
            let index = messages.firstIndexSorted { $0.seq >= seq }
            return index < messages.count && messages[index].seq == seq ? messages[index] : nil
        }
    }

    var conversations: [Symbol: Conversation] = [:]
    /// The numbers under which each message is stored: one, if all is well.
    var places: [MessageKey: [Int64]] = [:]
    var final: FinalState

    /// The conversations in an order that does not change from one reading to the next.
    var inOrder: [(key: Symbol, value: Conversation)] { conversations.sorted { $0.key < $1.key } }

    init(_ final: FinalState, symbols: inout SymbolTable) {
        self.final = final
        for stored in final.conversations {
            let conversation = symbols.symbol(stored.conversation)
            var messages: [Message] = []
            messages.reserveCapacity(stored.messages.count)
            for message in stored.messages {
                let content = Content(
                    sender: symbols.symbol(message.sender), id: symbols.symbol(message.id),
                    hash: symbols.symbol(message.hash))
                messages.append(Message(seq: message.seq, rev: message.rev, content: content))
                let key = MessageKey(conversation: conversation, sender: content.sender, id: content.id)
                places[key, default: []].append(message.seq)
            }
            messages.sort { $0.seq < $1.seq }
            var members: [Symbol: StoredConversation.Member] = [:]
            for member in stored.members { members[symbols.symbol(member.user)] = member }
            conversations[conversation] = Conversation(members: members, messages: messages)
        }
    }
}
