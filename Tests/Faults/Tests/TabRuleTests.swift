import ChatContracts
import FaultHistory
import Testing

@testable import FaultWorkload

/// What the virtual users' tabs do with what they hear.
@Suite("The rules of a virtual tab")
struct TabRuleTests {
    private let room = ConversationID(high: 1, low: 1)

    private func message(_ seq: Int64, in room: ConversationID? = nil) -> Message {
        Message(
            conversation: room ?? self.room, seq: seq, rev: seq, sender: UserID(high: 2, low: 2),
            clientMessageId: ClientMessageID(high: 3, low: UInt64(seq)), text: "\(seq)",
            sentAt: Timestamp(milliseconds: 0))
    }

    private func summary(head: Int64) -> Conversation {
        Conversation(
            id: room, form: .direct, members: [], head: head, unread: 0, lastMessage: nil,
            createdAt: Timestamp(milliseconds: 0))
    }

    /// A tab that has loaded a conversation with messages up to `head`.
    private func tab(head: Int64) -> TabView {
        var tab = TabView()
        _ = tab.take(SyncResult(conversations: [summary(head: head)], changes: [], more: false), asked: [:])
        let messages = head == 0 ? [] : (1...head).map { message($0) }
        _ = tab.take(MessagePage(messages: messages, head: head, hasOlder: false, hasNewer: false), of: room)
        return tab
    }

    private func shown(_ effects: [TabView.Effect]) -> [Int64] {
        effects.compactMap { if case .shown(let message) = $0.change { message.seq } else { nil } }
    }

    @Test("The next change is shown, an older one is not, a later one is held until the gap closes")
    func order() {
        var tab = tab(head: 2)
        #expect(shown(tab.take(message(3), via: .stream)) == [3])
        #expect(shown(tab.take(message(2), via: .stream)) == [])
        #expect(shown(tab.take(message(6), via: .stream)) == [])
        #expect(shown(tab.take(message(5), via: .stream)) == [])
        #expect(tab.hasGap)
        #expect(shown(tab.take(message(4), via: .answer)) == [4, 5, 6])
        #expect(!tab.hasGap)
    }

    @Test("A sync fills a gap and says which numbers it healed")
    func healing() {
        var tab = tab(head: 2)
        _ = tab.take(message(6), via: .stream)
        let changes = ConversationChanges(
            conversation: room, cursor: 5, messages: [3, 4, 5].map { message($0) }, reset: false, hasOlder: false)
        let effects = tab.take(
            SyncResult(conversations: [summary(head: 5)], changes: [changes], more: false), asked: [room: 2])
        #expect(shown(effects) == [3, 4, 5, 6])
        let healed = effects.compactMap { effect -> ClosedRange<Int64>? in
            if case .healed(let from, let to) = effect.change { from...to } else { nil }
        }
        #expect(healed == [3...5])
        #expect(tab.heads[room] == 6 && !tab.hasGap)
    }

    @Test("A reset begins anew with the newest page, unless live changes overtook it")
    func reset() {
        var tab = tab(head: 2)
        let page = ConversationChanges(
            conversation: room, cursor: 900, messages: (851...900).map { message($0) }, reset: true, hasOlder: true)
        let answer = SyncResult(conversations: [summary(head: 900)], changes: [page], more: false)
        let effects = tab.take(answer, asked: [room: 2])
        guard case .reset(next: 851)? = effects.first?.change else {
            Issue.record("a reset must say with which number the tab goes on")
            return
        }
        #expect(shown(effects) == Array(851...900))
        #expect(shown(tab.take(message(901), via: .stream)) == [901])
        #expect(tab.take(answer, asked: [room: 2]).isEmpty)
        #expect(tab.heads[room] == 901)
    }

    @Test("A page that live changes have overtaken asks for a sync")
    func overtakenPage() {
        var tab = TabView()
        _ = tab.take(SyncResult(conversations: [summary(head: 3)], changes: [], more: false), asked: [:])
        #expect(tab.unloaded == [room])
        #expect(shown(tab.take(message(4), via: .stream)) == [])
        let page = MessagePage(messages: (1...3).map { message($0) }, head: 3, hasOlder: false, hasNewer: false)
        #expect(shown(tab.take(page, of: room)) == [1, 2, 3])
        #expect(tab.needsSync && tab.heads[room] == 3)
    }

    @Test("A digest with a higher head, a resync and an unknown conversation each ask for a sync")
    func hints() {
        for (name, data, expected) in [
            ("digest", #"{"\#(room)":3}"#, true), ("digest", #"{"\#(room)":2}"#, false), ("resync", "{}", true),
            ("conversation.opened", #"{"conversation":"\#(ConversationID(high: 9, low: 9))"}"#, true),
        ] {
            var tab = tab(head: 2)
            _ = tab.take(ServerEvents.Event(name: name, data: Array(data.utf8)))
            #expect(tab.needsSync == expected, "\(name) \(data)")
        }
    }

    @Test("Messages of a conversation that no sync describes are recorded as seen: somebody leaked them")
    func leaks() {
        var tab = tab(head: 2)
        let foreign = ConversationID(high: 7, low: 7)
        #expect(tab.take(message(1, in: foreign), via: .stream).isEmpty)
        #expect(tab.needsSync)
        let effects = tab.take(SyncResult(conversations: [], changes: [], more: false), asked: [:])
        #expect(effects.map(\.conversation) == [foreign] && shown(effects) == [1])
    }

    @Test("Events are cut out of a stream however its bytes are divided", arguments: [1, 2, 3, 7, 1_000])
    func serverEvents(size: Int) {
        let text = "retry: 1200\n\nevent: alive\ndata: {}\n\n: comment\r\ndata: a\r\ndata:b\r\n\r\nevent:x\n\n"
        var events = ServerEvents()
        var found: [ServerEvents.Event] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            events.take(bytes[start..<min(start + size, bytes.count)]) { found.append($0) }
        }
        #expect(
            found == [.init(name: "alive", data: Array("{}".utf8)), .init(name: "message", data: Array("a\nb".utf8))])
    }

    @Test("One seed gives one plan: the same people, the same pairs, the same lines")
    func seeds() {
        func plan(_ seed: UInt64) -> ([Plan.Pair], [Int], [String]) {
            let configuration = WorkloadConfiguration(
                seed: seed, gateways: [.init(name: "gateway-1", address: "http://127.0.0.1:1")], run: "r")
            let plan = Plan(configuration)
            var lines = LineGenerator(configuration, conversations: plan.pairs.count)
            let drawn = (0..<200).map { _ in lines.next() }
            return (
                plan.pairs, plan.tabs, drawn.map { "\($0.delay) \($0.conversation) \($0.writer) \($0.draft)" }
            )
        }
        #expect(plan(5) == plan(5))
        #expect(plan(5).2 != plan(6).2)
        let hot = plan(7).2.filter { $0.split(separator: " ")[1] == "0" }.count
        #expect((30...95).contains(hot), "the hot conversation gets about 30 %, not \(hot) of 200")
    }
}
