import FaultHistory

/// A run with every kind of change that keeps every promise, made up from a seed: ``ReferenceConversation`` answers, its
/// answers get lost now and then, and what got lost may be carried out later, or never.
struct ChangingRun {
    static let emojis = ["👍", "🎉", "🪶"]
    private static let users = ["ada", "ben"]
    private static let tabs = ["ada.1", "ada.2", "ben.1", "ben.2"]

    private(set) var records: [Record] = []
    private(set) var final = FinalState()
    private var random: SeededGenerator
    private var time: Int64 = 0
    private var operation: Int64 = 0
    private var intents = 0
    private var chat = ReferenceConversation("c")
    private var views: [String: View] = [:]
    private var pending: [String: Pending] = [:]
    /// What was lost on the way and is carried out later.
    private var late: [Pending] = []

    /// What a tab shows.
    private struct View {
        var cursor: Int64 = 0
        var newest: Int64 = 0
        var shown: [Int64: SeenMessage] = [:]
    }

    private enum Intent {
        case send(id: String, hash: String, replyTo: Int64?)
        case edit(Int64, of: Int64, hash: String)
        case delete(Int64)
        case react(Int64, String, Bool)
    }

    /// What a tab has asked for and not heard of yet.
    private struct Pending {
        var intent: Intent
        var id: String
        var user: String
        var op: Int64
        var attempt = 1
    }

    init(seed: UInt64, steps: Int = 120) {
        random = SeededGenerator(seed: seed)
        for tab in Self.tabs {
            views[tab] = View()
            add(.tabConnected(TabConnected(user: Scene.user(of: tab), session: tab, gateway: "g1")), by: tab)
        }
        for _ in 0..<steps { step() }
        for tab in Self.tabs { while pending[tab] != nil { progress(tab, mayFail: false) } }
        for tab in Self.tabs { sync(tab) }
        time += 20_000_000_000
        add(.note(Note(text: "the end")), by: "suite")
        var read: [String: Int64] = [:]
        for user in Self.users { read[user] = Int64(draw(0..<Int(chat.head) + 1)) }
        // A lane that died has left the summary behind, now and then.
        let isBehind = draw(0..<4) == 0
        let summary = chat.summary(at: isBehind ? Int64(draw(0..<Int(chat.head) + 1)) : chat.head, read: read)
        final.conversations = [
            StoredConversation(
                conversation: chat.name,
                members: Self.users.map { .init(user: $0, received: read[$0]!, read: read[$0]!) },
                messages: chat.entries.map(\.seen), head: isBehind ? nil : chat.head, markers: chat.markers,
                summary: summary)
        ]
        final.accounts = Self.users.map { StoredAccount(user: $0, username: $0) }
        final.queues = [QueueState(name: "work", purpose: .work, ready: 0, unacknowledged: 0, consumers: 1)]
    }

    private mutating func add(_ event: Event, by process: String) {
        time += Int64.random(in: 1_000...2_000_000, using: &random)
        records.append(Record(at: time, process: process, event: event))
    }

    private mutating func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func nextOperation() -> Int64 {
        operation += 1
        return operation
    }

    private mutating func step() {
        let tab = Self.tabs[draw(0..<Self.tabs.count)]
        switch draw(0..<100) {
        case 0..<45: progress(tab, mayFail: true)
        case 45..<80: follow(tab)
        case 80..<86: read(tab)
        case 86..<92: sync(tab)
        case 92..<97: catchUp(tab)
        case 97: reload(tab)
        default:
            guard !late.isEmpty else { return }
            _ = carryOut(late.remove(at: draw(0..<late.count)))
        }
    }

    // MARK: Asking

    /// Begins something, or ends it in one of the ways in which it can end.
    private mutating func progress(_ tab: String, mayFail: Bool) {
        guard var asked = pending[tab] else {
            if let intent = intent(tab) { begin(intent, tab) }
            return
        }
        pending[tab] = nil
        switch mayFail ? draw(0..<20) : 19 {
        case 0:
            add(.refused(Refused(op: asked.op, status: 503, code: "busy", retryAfter: 1)), by: tab)
        case 1, 2, 3:
            switch draw(0..<3) {
            case 0: _ = carryOut(asked)
            case 1: late.append(asked)
            default: break
            }
            add(.unknown(OutcomeUnknown(op: asked.op, reason: "timeout")), by: tab)
            // Some leave it at that.
            if draw(0..<3) == 0 { return }
        default:
            answer(asked, carryOut(asked), tab)
            return
        }
        asked.attempt += 1
        asked.op = nextOperation()
        invoke(asked, tab)
    }

    private mutating func begin(_ intent: Intent, _ tab: String) {
        intents += 1
        invoke(Pending(intent: intent, id: "w\(intents)", user: Scene.user(of: tab), op: nextOperation()), tab)
    }

    /// What somebody wants to do with what a tab shows, however old that is.
    private mutating func intent(_ tab: String) -> Intent? {
        let user = Scene.user(of: tab)
        let shown = views[tab]!.shown.values.filter { $0.state?.deleted != true }.sorted { $0.seq < $1.seq }
        let own = shown.filter { $0.sender == user }
        switch draw(0..<10) {
        case 0..<4:
            let id = "m\(intents + 1)"
            let replyTo = draw(0..<3) == 0 ? shown.randomElement(using: &random)?.seq : nil
            return .send(id: id, hash: TextHash.of(id), replyTo: replyTo)
        case 4, 5:
            return own.randomElement(using: &random).map {
                .edit($0.seq, of: $0.state?.edit ?? $0.seq, hash: TextHash.of("e\(intents)"))
            }
        case 6: return own.randomElement(using: &random).map { .delete($0.seq) }
        default:
            let emoji = Self.emojis.randomElement(using: &random)!
            return shown.randomElement(using: &random).map {
                .react($0.seq, emoji, draw(0..<3) > 0)
            }
        }
    }

    private mutating func invoke(_ asked: Pending, _ tab: String) {
        pending[tab] = asked
        func change(
            _ seq: Int64, _ action: ChangeInvoked.Action, hash: String? = nil, of: Int64? = nil, emoji: String? = nil
        ) -> Event {
            .changeInvoked(
                ChangeInvoked(
                    op: asked.op, conversation: chat.name, seq: seq, user: asked.user, session: tab, gateway: "g1",
                    id: asked.id, attempt: asked.attempt, action: action, hash: hash, of: of, emoji: emoji))
        }
        let event: Event =
            switch asked.intent {
            case .send(let id, let hash, let replyTo):
                .sendInvoked(
                    SendInvoked(
                        op: asked.op, conversation: chat.name, user: asked.user, session: tab, id: id, hash: hash,
                        gateway: "g1", attempt: asked.attempt, replyTo: replyTo))
            case .edit(let seq, let number, let hash): change(seq, .edit, hash: hash, of: number)
            case .delete(let seq): change(seq, .delete)
            case .react(let seq, let emoji, let isThere): change(seq, isThere ? .react : .unreact, emoji: emoji)
            }
        add(event, by: tab)
    }

    private mutating func carryOut(_ asked: Pending) -> ReferenceConversation.Outcome {
        switch asked.intent {
        case .send(let id, let hash, let replyTo):
            .done(chat.send(id, by: asked.user, hash: hash, replyTo: replyTo))
        case .edit(let seq, let number, let hash): chat.edit(seq, by: asked.user, of: number, hash: hash)
        case .delete(let seq): chat.delete(seq, by: asked.user)
        case .react(let seq, let emoji, let isThere): chat.react(seq, by: asked.user, emoji, isThere: isThere)
        }
    }

    private mutating func answer(_ asked: Pending, _ outcome: ReferenceConversation.Outcome, _ tab: String) {
        switch (outcome, asked.intent) {
        case (.done(let message), .send):
            add(
                .sendAcknowledged(
                    SendAcknowledged(
                        op: asked.op, seq: message.seq, rev: message.rev, sender: message.sender, id: message.id,
                        hash: message.hash, state: message.state)),
                by: tab)
        case (.done(let message), _):
            add(.changeAcknowledged(ChangeAcknowledged(op: asked.op, message: message)), by: tab)
        case (.refused(let status, let code, let present), _):
            add(.refused(Refused(op: asked.op, status: status, code: code, present: present)), by: tab)
        }
    }

    // MARK: Seeing

    /// Shows the next changes one after the other, as a stream brings them.
    private mutating func follow(_ tab: String) {
        while views[tab]!.cursor < chat.head {
            let message = chat.log[Int(views[tab]!.cursor)]
            show(message, tab, via: .stream)
            views[tab]!.cursor += 1
            if draw(0..<6) == 0 { return }
        }
    }

    private mutating func show(_ message: SeenMessage, _ tab: String, via: Viewed.Source) {
        if views[tab]!.shown[message.seq] == nil, message.seq > views[tab]!.newest {
            views[tab]!.newest = message.seq
            add(
                .viewed(
                    Viewed(
                        conversation: chat.name, seq: message.seq, rev: message.rev, sender: message.sender,
                        id: message.id, hash: message.hash, via: via, state: message.state)),
                by: tab)
            views[tab]!.shown[message.seq] = message
        } else {
            add(.viewChanged(ViewChanged(conversation: chat.name, message: message, via: via)), by: tab)
            if views[tab]!.shown[message.seq] != nil { views[tab]!.shown[message.seq] = message }
        }
    }

    private mutating func sync(_ tab: String) {
        let op = nextOperation()
        let user = Scene.user(of: tab)
        add(.syncInvoked(SyncInvoked(op: op, user: user, session: tab, gateway: "g1")), by: tab)
        let changes = chat.changes(after: views[tab]!.cursor)
        let newest = views[tab]!.newest
        for message in changes.filter({ $0.seq > newest }).sorted(by: { $0.seq < $1.seq }) {
            show(message, tab, via: .sync)
        }
        for message in changes where message.seq <= newest { show(message, tab, via: .sync) }
        views[tab]!.cursor = chat.head
        let read = Int64(draw(0..<Int(chat.head) + 1))
        add(
            .syncAnswered(
                SyncAnswered(
                    op: op, cursors: [chat.name: chat.head], more: false,
                    summaries: [
                        chat.name: ConversationSummary(
                            head: chat.head, read: read, unread: chat.unread(by: user, after: read))
                    ])),
            by: tab)
    }

    /// Loads the page anew, with the last few messages.
    private mutating func reload(_ tab: String) {
        let op = nextOperation()
        add(
            .readInvoked(
                ReadInvoked(
                    op: op, user: Scene.user(of: tab), session: tab, gateway: "g1", conversation: chat.name)),
            by: tab)
        let page = chat.entries.suffix(5).map(\.seen)
        views[tab] = View(cursor: chat.head)
        add(
            .viewReset(ViewReset(conversation: chat.name, next: page.first?.seq ?? chat.head + 1, head: chat.head)),
            by: tab)
        for message in page { show(message, tab, via: .history) }
        add(.readAnswered(ReadAnswered(op: op, messages: page)), by: tab)
    }

    private mutating func read(_ tab: String) {
        let op = nextOperation()
        let before = draw(0..<2) == 0 ? nil : Int64(draw(1..<Int(chat.head) + 2))
        add(
            .readInvoked(
                ReadInvoked(
                    op: op, user: Scene.user(of: tab), session: tab, gateway: "g1", conversation: chat.name,
                    before: before)),
            by: tab)
        let page = chat.entries.filter { $0.seq < before ?? .max }.suffix(8).map(\.seen)
        add(.readAnswered(ReadAnswered(op: op, messages: page)), by: tab)
    }

    private mutating func catchUp(_ tab: String) {
        let op = nextOperation()
        let cursor = Int64(draw(0..<Int(chat.head) + 1))
        add(
            .catchUpInvoked(
                CatchUpInvoked(
                    op: op, user: Scene.user(of: tab), session: tab, gateway: "g1", conversation: chat.name,
                    cursor: cursor)),
            by: tab)
        add(
            .catchUpAnswered(
                CatchUpAnswered(op: op, cursor: chat.head, reset: false, messages: chat.changes(after: cursor))),
            by: tab)
    }
}
