import ChatContracts
import FaultHistory
import Testing

@testable import FaultWorkload

/// What a tab shows that heard of every kind of change in every order, against what somebody sees who loads the page now.
@Suite("A virtual tab, on generated conversations")
struct TabPropertyTests {
    private static let room = ConversationID(high: 1, low: 1)

    /// The message as the API shows it; its text is the hash, so that texts can be told apart.
    private static func entry(_ seen: SeenMessage) -> Entry {
        func user(_ name: String) -> UserID { UserID(high: 2, low: name == "ada" ? 1 : 2) }
        return Entry(
            conversation: room, seq: seen.seq, rev: seen.rev, sender: user(seen.sender),
            clientMessageId: ClientMessageID(high: 3, low: UInt64(seen.seq)), text: seen.hash,
            edited: seen.state?.edit.map { Entry.Edit(rev: $0) }, deleted: seen.state?.deleted ?? false,
            replyTo: seen.state?.replyTo.map { Entry.Quote(seq: $0) },
            reactions: (seen.state?.reactions ?? [:]).sorted { $0.key < $1.key }
                .map { Entry.Reaction(emoji: $0.key, users: $0.value.map(user)) })
    }

    /// Makes one random change.
    private func change(
        _ chat: inout ReferenceConversation, _ number: Int, using random: inout FaultsTests.SeededGenerator
    ) {
        let user = Bool.random(using: &random) ? "ada" : "ben"
        let live = chat.entries.filter { !$0.isDeleted }
        let own = live.filter { $0.sender == user }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            _ = chat.send(
                "m\(number)", by: user, hash: "m\(number)", replyTo: live.randomElement(using: &random)?.seq)
        case 4, 5:
            if let entry = own.randomElement(using: &random) {
                _ = chat.edit(entry.seq, by: user, of: entry.textRev, hash: "e\(number)")
            }
        case 6: if let entry = own.randomElement(using: &random) { _ = chat.delete(entry.seq, by: user) }
        default:
            if let entry = live.randomElement(using: &random) {
                _ = chat.react(entry.seq, by: user, "👍", isThere: Bool.random(using: &random))
            }
        }
    }

    /// The answer to a sync from a cursor, cut short after some messages.
    private func sync(_ chat: ReferenceConversation, from cursor: Int64, limit: Int) -> SyncResult {
        let all = chat.changes(after: cursor)
        let part = all.prefix(limit)
        let reached = part.count < all.count ? part.last?.rev ?? cursor : chat.head
        let changes = EntryChanges(
            conversation: Self.room, cursor: reached, messages: part.map(Self.entry), reset: false)
        return SyncResult(
            conversations: [Summary(id: Self.room, head: chat.head, unread: 0, members: [])], changes: [changes],
            more: reached < chat.head)
    }

    @Test(arguments: 0..<4)
    func `Live, caught up from any number and loaded anew are the same, in thousands of conversations`(part: Int) {
        for seed in 0..<500 {
            var random = FaultsTests.SeededGenerator(seed: UInt64(seed * 4 + part))
            var chat = ReferenceConversation("c")
            for number in 0..<Int.random(in: 0..<20, using: &random) { change(&chat, number, using: &random) }
            var tab = TabView()
            _ = tab.take(
                SyncResult(
                    conversations: [Summary(id: Self.room, head: chat.head, unread: 0, members: [])], changes: [],
                    more: false), asked: [:])
            let page = chat.entries.suffix(8).map { Self.entry($0.seen) }
            _ = tab.take(
                EntryPage(messages: page, head: chat.head, hasOlder: false, hasNewer: false), of: Self.room)
            let first = page.first?.seq ?? chat.head + 1

            var wire: [SeenMessage] = []
            for number in 0..<40 {
                let before = chat.head
                change(&chat, 100 + number, using: &random)
                if chat.head > before { wire.append(chat.log[Int(before)]) }
                // Some events are lost, some overtake others, some come twice.
                while wire.count > Int.random(in: 0...3, using: &random) {
                    let event = wire.remove(at: Int.random(in: 0..<wire.count, using: &random))
                    for _ in 0..<[0, 1, 1, 1, 1, 2].randomElement(using: &random)! {
                        _ = tab.take(Self.entry(event), via: .stream)
                    }
                }
                if Int.random(in: 0..<8, using: &random) == 0 { catchUp(&tab, chat, using: &random, isComplete: false) }
            }
            catchUp(&tab, chat, using: &random, isComplete: true)
            let view = tab.conversations[Self.room]
            let fresh = chat.entries.filter { $0.seq >= first }.map { Self.entry($0.seen) }
            #expect(view?.recent == fresh, "seed \(seed * 4 + part)")
            #expect(view?.head == chat.head && !tab.hasGap, "seed \(seed * 4 + part)")
        }
    }

    private func catchUp(
        _ tab: inout TabView, _ chat: ReferenceConversation, using random: inout FaultsTests.SeededGenerator,
        isComplete: Bool
    ) {
        var answer: SyncResult
        repeat {
            let cursor = tab.cursors[Self.room] ?? 0
            answer = sync(chat, from: cursor, limit: Int.random(in: 1...6, using: &random))
            _ = tab.take(answer, asked: [Self.room: cursor])
        } while isComplete && answer.more
    }
}
