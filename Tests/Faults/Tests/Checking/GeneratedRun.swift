import FaultChecker
import FaultHistory

/// A run that keeps every promise, made up from a seed: a perfect server, whose answers get lost now and then.
struct GeneratedRun {
    private(set) var records: [Record] = []
    private(set) var final = FinalState()
    private var random: SeededGenerator
    private var time: Int64 = 0
    private var operation: Int64 = 0

    private struct Chat {
        var name: String
        var users: [String]
        var tabs: [String]
        var stored: [SeenMessage] = []
        /// How much each tab shows.
        var shown: [String: Int] = [:]
        /// What each tab is sending: one message at a time.
        var outbox: [String: Sending] = [:]
    }

    private struct Sending {
        var message: SeenMessage
        var attempt = 1
        var op: Int64
    }

    private var chats: [Chat] = []
    private var messages = 0

    /// - Parameters:
    ///   - messages: how many messages are sent.
    ///   - tabs: for each person.
    init(seed: UInt64, conversations: Int = 3, messages: Int = 60, tabs: Int = 1) {
        random = SeededGenerator(seed: seed)
        for number in 0..<conversations {
            let users = ["ada\(number)", "ben\(number)"]
            chats.append(
                Chat(
                    name: "c\(number)", users: users,
                    tabs: users.flatMap { user in (1...tabs).map { "\(user).\($0)" } }))
            for user in users {
                final.accounts.append(StoredAccount(user: user, username: user))
                revokeSession(of: user)
            }
            for tab in chats[number].tabs { connect(tab) }
        }
        while self.messages < messages { step() }
        for chat in chats.indices { finish(chat) }
        time += 20_000_000_000
        add(.note(Note(text: "the end")), by: "suite")
        final.conversations = chats.map { chat in
            StoredConversation(
                conversation: chat.name, members: chat.users.map { .init(user: $0) }, messages: chat.stored)
        }
        final.queues = [QueueState(name: "work", purpose: .work, ready: 0, unacknowledged: 0, consumers: 1)]
    }

    private mutating func add(_ event: Event, by process: String) {
        time += Int64.random(in: 1_000...2_000_000, using: &random)
        records.append(Record(at: time, process: process, event: event))
    }

    private mutating func nextOperation() -> Int64 {
        operation += 1
        return operation
    }

    private mutating func connect(_ tab: String) {
        let user = Scene.user(of: tab)
        add(.tabConnected(TabConnected(user: user, session: "s.\(tab)", gateway: "g1")), by: tab)
    }

    /// Ends a session that nothing else uses, and tries it afterwards.
    private mutating func revokeSession(of user: String) {
        let revoke = nextOperation()
        add(
            .revokeInvoked(
                RevokeInvoked(op: revoke, user: user, session: "m", sessions: ["old.\(user)"], gateway: "g1")),
            by: user)
        add(.revokeAcknowledged(RevokeAcknowledged(op: revoke)), by: user)
        let request = nextOperation()
        add(
            .requestInvoked(
                RequestInvoked(op: request, user: user, session: "old.\(user)", gateway: "g2", what: "GET /session")),
            by: user)
        add(.refused(Refused(op: request, status: 401, code: "not-signed-in")), by: user)
    }

    private mutating func step() {
        let chat = Int.random(in: 0..<chats.count, using: &random)
        let tab = chats[chat].tabs.randomElement(using: &random)!
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: progress(chat, tab)
        case 45..<94: show(chat, tab)
        case 94..<96: read(chat, tab)
        case 96..<99: sync(chat, tab)
        default:
            add(.tabDisconnected(TabDisconnected(reason: "reset")), by: tab)
            connect(tab)
        }
    }

    /// Begins to send, or ends it in one of the ways in which it can end.
    private mutating func progress(_ chat: Int, _ tab: String) {
        guard let sending = chats[chat].outbox[tab] else {
            messages += 1
            let id = "m\(messages)"
            let message = SeenMessage(
                seq: 0, rev: 0, sender: Scene.user(of: tab), id: id, hash: TextHash.of(id))
            invoke(chat, tab, message, attempt: 1)
            return
        }
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            add(.refused(Refused(op: sending.op, status: 503, code: "busy", retryAfter: 1)), by: tab)
            invoke(chat, tab, sending.message, attempt: sending.attempt + 1)
        case 1, 2:
            // Stored or not, the answer got lost.
            if Bool.random(using: &random) { _ = store(chat, sending.message) }
            add(.unknown(OutcomeUnknown(op: sending.op, reason: "timeout")), by: tab)
            invoke(chat, tab, sending.message, attempt: sending.attempt + 1)
        default: acknowledge(chat, tab, sending)
        }
    }

    private mutating func invoke(_ chat: Int, _ tab: String, _ message: SeenMessage, attempt: Int) {
        let op = nextOperation()
        add(
            .sendInvoked(
                SendInvoked(
                    op: op, conversation: chats[chat].name, user: message.sender, session: "s.\(tab)", id: message.id,
                    hash: message.hash, gateway: "g1", attempt: attempt)),
            by: tab)
        chats[chat].outbox[tab] = Sending(message: message, attempt: attempt, op: op)
    }

    private mutating func acknowledge(_ chat: Int, _ tab: String, _ sending: Sending) {
        let stored = store(chat, sending.message)
        add(
            .sendAcknowledged(
                SendAcknowledged(
                    op: sending.op, seq: stored.seq, rev: stored.rev, sender: stored.sender, id: stored.id,
                    hash: stored.hash)),
            by: tab)
        chats[chat].outbox[tab] = nil
    }

    private mutating func store(_ chat: Int, _ message: SeenMessage) -> SeenMessage {
        // A tab has one message under way, so a copy of it is among the last few.
        if let known = chats[chat].stored.suffix(200).last(where: { $0.id == message.id }) { return known }
        var message = message
        message.seq = Int64(chats[chat].stored.count + 1)
        message.rev = message.seq
        chats[chat].stored.append(message)
        return message
    }

    private mutating func show(_ chat: Int, _ tab: String) {
        var shown = chats[chat].shown[tab, default: 0]
        while shown < chats[chat].stored.count {
            let message = chats[chat].stored[shown]
            add(
                .viewed(
                    Viewed(
                        conversation: chats[chat].name, seq: message.seq, rev: message.rev, sender: message.sender,
                        id: message.id, hash: message.hash, via: .stream)),
                by: tab)
            shown += 1
            if Int.random(in: 0..<8, using: &random) == 0 { break }
        }
        chats[chat].shown[tab] = shown
    }

    private mutating func read(_ chat: Int, _ tab: String) {
        let op = nextOperation()
        let before =
            Bool.random(using: &random)
            ? nil : Int64.random(in: 1...Int64(chats[chat].stored.count + 1), using: &random)
        add(
            .readInvoked(
                ReadInvoked(
                    op: op, user: Scene.user(of: tab), session: "s.\(tab)", gateway: "g1",
                    conversation: chats[chat].name, before: before)),
            by: tab)
        let end = before.map { Int($0 - 1) } ?? chats[chat].stored.count
        let page = chats[chat].stored[max(0, end - 20)..<end]
        add(.readAnswered(ReadAnswered(op: op, messages: Array(page))), by: tab)
    }

    private mutating func sync(_ chat: Int, _ tab: String) {
        let op = nextOperation()
        add(
            .syncInvoked(
                SyncInvoked(op: op, user: Scene.user(of: tab), session: "s.\(tab)", gateway: "g1")), by: tab)
        while chats[chat].shown[tab, default: 0] < chats[chat].stored.count { show(chat, tab) }
        let cursor = Int64(chats[chat].stored.count)
        add(.syncAnswered(SyncAnswered(op: op, cursors: [chats[chat].name: cursor], more: false)), by: tab)
    }

    /// Everything under way ends, and every tab shows everything.
    private mutating func finish(_ chat: Int) {
        for tab in chats[chat].tabs {
            if let sending = chats[chat].outbox[tab] { acknowledge(chat, tab, sending) }
        }
        for tab in chats[chat].tabs {
            while chats[chat].shown[tab, default: 0] < chats[chat].stored.count { show(chat, tab) }
        }
    }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
