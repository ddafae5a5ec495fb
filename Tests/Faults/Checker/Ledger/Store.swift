import FaultHistory

/// The final read, with the history's numbers for texts.
struct Store: Sendable {
    struct Message: Sendable {
        var seq: Int64
        var rev: Int64
        var content: Content
        var state: EntryState
    }

    struct Conversation: Sendable {
        var members: [Symbol: StoredConversation.Member]
        /// Sorted by seq.
        var messages: [Message]
        /// The number of the last change.
        var head: Int64
        /// The number of its last change, as the conversation itself has it, if that was read.
        var ownHead: Int64?
        /// Numbers of changes that point to messages, sorted; nil if they were not read.
        var markers: [StoredConversation.Marker]?

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
                let state = message.state.map { EntryState($0, symbols: &symbols) } ?? .unaltered
                messages.append(Message(seq: message.seq, rev: message.rev, content: content, state: state))
                let key = MessageKey(conversation: conversation, sender: content.sender, id: content.id)
                places[key, default: []].append(message.seq)
            }
            messages.sort { $0.seq < $1.seq }
            var members: [Symbol: StoredConversation.Member] = [:]
            for member in stored.members { members[symbols.symbol(member.user)] = member }
            conversations[conversation] = Conversation(
                members: members, messages: messages,
                head: messages.reduce(0) { max($0, $1.seq, $1.rev) },
                ownHead: stored.head, markers: stored.markers?.sorted { $0.number < $1.number })
        }
    }
}
