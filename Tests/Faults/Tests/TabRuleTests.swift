import ChatContracts
import FaultHistory
import Foundation
import Testing

@testable import FaultWorkload

/// What the virtual users' tabs do with what they hear.
@Suite("The rules of a virtual tab")
struct TabRuleTests {
    private let room = ConversationID(high: 1, low: 1)

    private func message(_ seq: Int64, in room: ConversationID? = nil) -> Entry {
        Entry(
            conversation: room ?? self.room, seq: seq, rev: seq, sender: UserID(high: 2, low: 2),
            clientMessageId: ClientMessageID(high: 3, low: UInt64(seq)), text: "\(seq)")
    }

    private func summary(head: Int64) -> Summary {
        Summary(id: room, head: head, unread: 0, members: [])
    }

    /// A tab that has loaded a conversation with messages up to `head`.
    private func tab(head: Int64) -> TabView {
        var tab = TabView()
        _ = tab.take(SyncResult(conversations: [summary(head: head)], changes: [], more: false), asked: [:])
        let messages = head == 0 ? [] : (1...head).map { message($0) }
        _ = tab.take(EntryPage(messages: messages, head: head, hasOlder: false, hasNewer: false), of: room)
        return tab
    }

    private func shown(_ effects: [TabView.Effect]) -> [Int64] {
        effects.compactMap { if case .shown(let message) = $0.change { message.seq } else { nil } }
    }

    @Test func `The next change is shown, an older one is not, a later one is held until the gap closes`() {
        var tab = tab(head: 2)
        #expect(shown(tab.take(message(3), via: .stream)) == [3])
        #expect(shown(tab.take(message(2), via: .stream)) == [])
        #expect(shown(tab.take(message(6), via: .stream)) == [])
        #expect(shown(tab.take(message(5), via: .stream)) == [])
        #expect(tab.hasGap)
        #expect(shown(tab.take(message(4), via: .answer)) == [4, 5, 6])
        #expect(!tab.hasGap)
    }

    @Test func `A sync fills a gap and says which numbers it healed`() {
        var tab = tab(head: 2)
        _ = tab.take(message(6), via: .stream)
        let changes = EntryChanges(
            conversation: room, cursor: 5, messages: [3, 4, 5].map { message($0) }, reset: false)
        let effects = tab.take(
            SyncResult(conversations: [summary(head: 5)], changes: [changes], more: false), asked: [room: 2])
        #expect(shown(effects) == [3, 4, 5, 6])
        let healed = effects.compactMap { effect -> ClosedRange<Int64>? in
            if case .healed(let from, let to) = effect.change { from...to } else { nil }
        }
        #expect(healed == [3...5])
        #expect(tab.heads[room] == 6 && !tab.hasGap)
    }

    @Test func `A reset begins anew with the newest page, unless live changes overtook it`() {
        var tab = tab(head: 2)
        let page = EntryChanges(
            conversation: room, cursor: 900, messages: (851...900).map { message($0) }, reset: true)
        let answer = SyncResult(conversations: [summary(head: 900)], changes: [page], more: false)
        let effects = tab.take(answer, asked: [room: 2])
        guard case .reset(next: 851, head: 900)? = effects.first?.change else {
            Issue.record("a reset must say with which number the tab goes on")
            return
        }
        #expect(shown(effects) == Array(851...900))
        #expect(shown(tab.take(message(901), via: .stream)) == [901])
        #expect(tab.take(answer, asked: [room: 2]).isEmpty)
        #expect(tab.heads[room] == 901)
    }

    @Test func `A page that live changes have overtaken asks for a sync`() {
        var tab = TabView()
        _ = tab.take(SyncResult(conversations: [summary(head: 3)], changes: [], more: false), asked: [:])
        #expect(tab.unloaded == [room])
        #expect(shown(tab.take(message(4), via: .stream)) == [])
        let page = EntryPage(messages: (1...3).map { message($0) }, head: 3, hasOlder: false, hasNewer: false)
        #expect(shown(tab.take(page, of: room)) == [1, 2, 3])
        #expect(tab.needsSync && tab.heads[room] == 3)
    }

    @Test func `A digest with a higher head, a resync and an unknown conversation each ask for a sync`() {
        for (name, data, expected) in [
            ("digest", #"{"\#(room)":3}"#, true), ("digest", #"{"\#(room)":2}"#, false), ("resync", "{}", true),
            ("conversation.opened", #"{"conversation":"\#(ConversationID(high: 9, low: 9))"}"#, true),
        ] {
            var tab = tab(head: 2)
            _ = tab.take(ServerEvents.Event(name: name, data: Array(data.utf8)))
            #expect(tab.needsSync == expected, "\(name) \(data)")
        }
    }

    // MARK: Changes

    private func edited(_ seq: Int64, rev: Int64, text: String) -> Entry {
        var entry = message(seq)
        entry.rev = rev
        entry.text = text
        entry.edited = Entry.Edit(rev: rev)
        return entry
    }

    private func changed(_ effects: [TabView.Effect]) -> [Int64] {
        effects.compactMap { if case .changed(let message) = $0.change { message.seq } else { nil } }
    }

    @Test func `A change takes the place of what is shown, one after the other, and is held at a gap like a message`() {
        var tab = tab(head: 2)
        #expect(changed(tab.take(edited(1, rev: 3, text: "x"), via: .stream)) == [1])
        #expect(tab.conversations[room]?.recent.map(\.text) == ["x", "2"])
        #expect(tab.take(edited(1, rev: 3, text: "x"), via: .answer).isEmpty)
        #expect(tab.take(edited(1, rev: 6, text: "z"), via: .stream).isEmpty && tab.hasGap)
        #expect(tab.take(message(5), via: .stream).isEmpty)
        let effects = tab.take(edited(2, rev: 4, text: "y"), via: .stream)
        #expect(changed(effects) == [2, 1] && shown(effects) == [5])
        #expect(tab.conversations[room]?.recent.map(\.text) == ["z", "y", "5"])
        #expect(tab.heads[room] == 6 && !tab.hasGap)
    }

    @Test func `A change that the page had already, ahead of its head, is known and not shown again`() {
        var tab = TabView()
        _ = tab.take(SyncResult(conversations: [summary(head: 2)], changes: [], more: false), asked: [:])
        let page = EntryPage(
            messages: [edited(1, rev: 4, text: "y"), message(2)], head: 2, hasOlder: false, hasNewer: false)
        _ = tab.take(page, of: room)
        #expect(tab.take(edited(1, rev: 3, text: "x"), via: .stream).isEmpty)
        #expect(tab.take(edited(1, rev: 4, text: "y"), via: .stream).isEmpty)
        #expect(tab.conversations[room]?.recent.map(\.text) == ["y", "2"] && tab.heads[room] == 4)
        #expect(changed(tab.take(edited(1, rev: 5, text: "z"), via: .stream)) == [1])
    }

    @Test func `A message that a sync brings ahead of its cursor does not hide the changes in between`() {
        var tab = tab(head: 2)
        let changes = EntryChanges(
            conversation: room, cursor: 4, messages: [message(4), edited(3, rev: 6, text: "z")], reset: false)
        let effects = tab.take(
            SyncResult(conversations: [summary(head: 4)], changes: [changes], more: false), asked: [room: 2])
        #expect(shown(effects) == [3, 4] && tab.heads[room] == 4)
        #expect(changed(tab.take(edited(1, rev: 5, text: "x"), via: .stream)) == [1])
        #expect(tab.take(edited(3, rev: 6, text: "z"), via: .stream).isEmpty)
        #expect(tab.conversations[room]?.recent.map(\.text) == ["x", "2", "z", "4"] && tab.heads[room] == 6)
    }

    @Test func `The event of a change carries the message as it is`() throws {
        var tab = tab(head: 2)
        let user = UserID(high: 2, low: 2)
        let data = """
            {"conversation":"\(room)","seq":1,"rev":3,"sender":"\(user)","clientMessageId":\
            "\(ClientMessageID(high: 3, low: 1))","deleted":true,"sentAt":"x"}
            """
        let effects = tab.take(ServerEvents.Event(name: "message.changed", data: Array(data.utf8)))
        let effect = try #require(effects.first)
        guard case .viewChanged(let view) = effect.event else {
            Issue.record("a change must be recorded as one")
            return
        }
        #expect(view.message.state == Alterations(deleted: true) && view.message.hash == TextHash.of(""))
    }

    @Test func `A sync shows what is new in the order of births, whatever changed afterwards, then the changes`() {
        var tab = tab(head: 2)
        let changes = EntryChanges(
            conversation: room, cursor: 7,
            messages: [message(4), edited(1, rev: 5, text: "x"), edited(3, rev: 7, text: "y")], reset: false)
        let effects = tab.take(
            SyncResult(conversations: [summary(head: 7)], changes: [changes], more: false), asked: [room: 2])
        #expect(shown(effects) == [3, 4] && changed(effects) == [1])
        #expect(tab.heads[room] == 7)
        #expect(tab.conversations[room]?.recent.map(\.text) == ["x", "2", "y", "4"])
    }

    @Test
    func `What a sync that was cut short left out is put at its place when it comes; what is older is only heard of`() {
        var tab = tab(head: 2)
        let first = EntryChanges(conversation: room, cursor: 4, messages: [message(4)], reset: false)
        var effects = tab.take(
            SyncResult(conversations: [summary(head: 5)], changes: [first], more: true), asked: [room: 2])
        #expect(shown(effects) == [4])
        effects = tab.take(edited(3, rev: 5, text: "y"), via: .sync)
        #expect(shown(effects) == [3] && changed(effects) == [])
        #expect(tab.conversations[room]?.recent.map(\.seq) == [1, 2, 3, 4])

        let page = EntryChanges(conversation: room, cursor: 9, messages: [message(8), message(9)], reset: true)
        _ = tab.take(SyncResult(conversations: [summary(head: 9)], changes: [page], more: false), asked: [room: 5])
        effects = tab.take(edited(2, rev: 10, text: "z"), via: .stream)
        #expect(shown(effects) == [] && changed(effects) == [2])
        #expect(tab.conversations[room]?.recent.map(\.seq) == [8, 9] && tab.heads[room] == 10)
    }

    @Test func `Changes are drawn only if they are asked for, and change nothing of the lines of a seed otherwise`() {
        var configuration = WorkloadConfiguration(
            seed: 5, gateways: [.init(name: "gateway-1", address: "http://127.0.0.1:1")], run: "r")
        var plain = LineGenerator(configuration, conversations: 3)
        #expect((0..<200).allSatisfy { _ in plain.next().draft.intent == .send })
        configuration.changeShare = 0.5
        var changing = LineGenerator(configuration, conversations: 3)
        let intents = (0..<400).map { _ in changing.next().draft.intent }
        #expect((140...260).contains(intents.count { $0 != .send }))
        for kind in ["reply", "edit", "rivalEdits", "delete", "react", "unreact"] {
            #expect(intents.contains { "\($0)".hasPrefix(kind) }, "\(kind)")
        }
    }

    @Test func `Every kind of change asks its own route, with its emoji escaped`() throws {
        func call(_ action: ChangeRequest.Action) -> (method: String, path: String, body: [UInt8]?) {
            ChangeRequest(id: "i", seq: 3, action: action).call
        }
        let edit = call(.edit(text: "x", of: 2))
        #expect(edit.method == "PATCH" && edit.path == "")
        let form = try JSONSerialization.jsonObject(with: Data(edit.body ?? [])) as? NSDictionary
        #expect(form == ["text": "x", "rev": 2])
        #expect(call(.delete).method == "DELETE" && call(.delete).path == "")
        #expect(call(.react("👍")).method == "PUT" && call(.react("👍")).path == "/reactions/%F0%9F%91%8D")
        #expect(call(.unreact("👍")).method == "DELETE" && call(.unreact("👍")).path == "/reactions/%F0%9F%91%8D")
    }

    @Test func `Messages of a conversation that no sync describes are recorded as seen: somebody leaked them`() {
        var tab = tab(head: 2)
        let foreign = ConversationID(high: 7, low: 7)
        #expect(tab.take(message(1, in: foreign), via: .stream).isEmpty)
        #expect(tab.needsSync)
        let effects = tab.take(SyncResult(conversations: [], changes: [], more: false), asked: [:])
        #expect(effects.map(\.conversation) == [foreign] && shown(effects) == [1])
    }

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `Events are cut out of a stream however its bytes are divided`(size: Int) {
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

    @Test func `One seed gives one plan: the same people, the same pairs, the same lines`() {
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
