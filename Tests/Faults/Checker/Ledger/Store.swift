import FaultHistory

/// The final read, with the history's numbers for texts.
struct Store: Sendable {
    struct Message: Sendable, Equatable {
        var seq: Int64
        var rev: Int64
        var content: Content
        var state: EntryState
    }

    struct Marker: Sendable {
        var number: Int64
        var seq: Int64
        /// The number of the change before and the message as the change left it; nil once the marker is spent.
        var previous: Int64?
        var message: Message?
    }

    struct Summary: Sendable {
        var head: Int64
        var messages: Int64
        var sent: [Symbol: Int64]
        var readOfOthers: [Symbol: Int64]
        var last: Message?
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
        var markers: [Marker]?
        /// What the conversation itself says of its messages, if that was read.
        var summary: Summary?

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
            for seen in stored.messages {
                let message = Message(seen, symbols: &symbols)
                messages.append(message)
                let key = MessageKey(
                    conversation: conversation, sender: message.content.sender, id: message.content.id)
                places[key, default: []].append(message.seq)
            }
            messages.sort { $0.seq < $1.seq }
            var members: [Symbol: StoredConversation.Member] = [:]
            for member in stored.members { members[symbols.symbol(member.user)] = member }
            let markers = stored.markers?.map { Marker($0, symbols: &symbols) }
            conversations[conversation] = Conversation(
                members: members, messages: messages,
                head: messages.reduce(0) { max($0, $1.seq, $1.rev) },
                ownHead: stored.head, markers: markers?.sorted { $0.number < $1.number },
                summary: stored.summary.map { Summary($0, symbols: &symbols) })
        }
    }
}

extension Store.Message {
    init(_ seen: SeenMessage, symbols: inout SymbolTable) {
        seq = seen.seq
        rev = seen.rev
        content = Content(
            sender: symbols.symbol(seen.sender), id: symbols.symbol(seen.id), hash: symbols.symbol(seen.hash))
        state = seen.state.map { EntryState($0, symbols: &symbols) } ?? .unaltered
    }
}

extension Store.Marker {
    init(_ stored: StoredConversation.Marker, symbols: inout SymbolTable) {
        number = stored.number
        seq = stored.seq
        previous = stored.previous
        message = stored.message.map { Store.Message($0, symbols: &symbols) }
    }
}

extension Store.Summary {
    init(_ stored: StoredConversation.Summary, symbols: inout SymbolTable) {
        head = stored.head
        messages = stored.messages
        sent = [:]
        for (user, count) in stored.sent { sent[symbols.symbol(user)] = count }
        readOfOthers = [:]
        for (user, count) in stored.readOfOthers { readOfOthers[symbols.symbol(user)] = count }
        last = stored.last.map { Store.Message($0, symbols: &symbols) }
    }
}
