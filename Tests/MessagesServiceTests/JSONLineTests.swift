import ChatContracts
import Foundation
import Testing

@testable import MessagesService

@Suite("JSON written by hand")
struct JSONLineTests {
    private static let characters: [String] =
        [
            "a", "Z", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{0}", "\u{1}", "\u{1f}", "\u{7f}", "\u{2028}", "é",
            "漢", "*", "`", "_", "👩‍👩‍👧", "🇩🇪", "{", "}", "\u{feff}", "\u{10ffff}",
            "\n- ", "\n2. ", "\n> ", "\n```\n", "[a](https://b.example)", "www.c.example",
        ]

    @Test(arguments: 0..<500 as Range<UInt64>)
    func `says of a message exactly what Codable says, on one line`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let message = Self.message(&source)
        try expectSame(message, JSONLine.encode(message))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of a page of messages exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let page = MessagePage(
            messages: Self.some(&source, Self.message), head: Int64(source.below(1_000)),
            hasOlder: source.below(2) == 0, hasNewer: source.below(2) == 0)
        try expectSame(page, JSONLine.encode(page))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of a conversation and a page of them exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let conversation = Self.conversation(&source)
        try expectSame(conversation, JSONLine.encode(conversation))
        let page = ConversationPage(
            conversations: Self.some(&source, Self.conversation),
            next: source.below(2) == 0 ? nil : Self.text(&source))
        try expectSame(page, JSONLine.encode(page))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of what a sync brings exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let response = SyncResponse(
            conversations: Self.some(&source, Self.conversation),
            changes: Self.some(&source) { source in
                ConversationChanges(
                    conversation: .init(high: source.next(), low: source.next()),
                    cursor: Int64(source.below(1_000)), messages: Self.some(&source, Self.message),
                    reset: source.below(2) == 0, hasOlder: source.below(2) == 0)
            }, more: source.below(2) == 0)
        try expectSame(response, JSONLine.encode(response))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of what a chat page is made of exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        func fault() -> Fault {
            Fault(.unavailable, Self.text(&source), field: source.below(2) == 0 ? nil : Self.text(&source))
        }
        let list = ConversationPage(conversations: Self.some(&source, Self.conversation))
        let history = MessagePage(
            messages: Self.some(&source, Self.message), head: Int64(source.below(1_000)),
            hasOlder: source.below(2) == 0, hasNewer: source.below(2) == 0)
        let shown = ShownConversation(conversation: Self.conversation(&source), history: history)
        let page = ChatPage(
            list: source.below(3) == 0 ? .fault(fault()) : .value(list),
            shown: [nil, .fault(fault()), .value(shown)][source.below(3)])
        try expectSame(page, JSONLine.encode(page))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of a position exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let change = PositionChanged(
            conversation: .init(high: source.next(), low: source.next()),
            user: .init(high: source.next(), low: source.next()), received: Int64(source.below(1_000)),
            read: Int64(source.below(1_000)), unread: Int64(source.below(1_000)), head: Int64(source.below(1_000)),
            unreadMarks: source.below(2) == 0 ? nil : Int64(source.below(9)), readAt: Self.moment(&source))
        try expectSame(change, JSONLine.encode(change))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of settings exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let change = ConversationSettingsChanged(conversation: .random(), settings: Self.settings(&source))
        try expectSame(change, JSONLine.encode(change))
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `says of a changed group exactly what Codable says`(seed: UInt64) throws {
        var source = SimulationSource(seed: seed)
        let change = GroupChanged(
            conversation: .random(), group: source.below(2) == 0 ? nil : Self.group(&source),
            line: source.below(2) == 0 ? nil : Self.message(&source))
        try expectSame(change, JSONLine.encode(change))
        let closed = ConversationClosed(conversation: .random(), rev: Int64(source.below(99)))
        try expectSame(closed, JSONLine.encode(closed))
    }

    @Test func `says of a new conversation exactly what Codable says`() throws {
        let opened = ConversationOpened(conversation: .random())
        try expectSame(opened, JSONLine.encode(opened))
    }

    /// None to four.
    private static func some<Value>(
        _ source: inout SimulationSource, _ make: (inout SimulationSource) -> Value
    ) -> [Value] {
        (0..<source.below(5)).map { _ in make(&source) }
    }

    private static func moment(_ source: inout SimulationSource) -> Timestamp? {
        source.below(2) == 0 ? nil : Timestamp(milliseconds: Int64(source.below(4_000_000_000_000)))
    }

    private static func settings(_ source: inout SimulationSource) -> ConversationSettings? {
        guard source.below(3) > 0 else { return nil }
        return ConversationSettings(
            version: Int64(source.below(99)) + 1, pinnedAt: moment(&source), isMuted: source.below(2) == 0,
            mutedUntil: moment(&source), tellsMentions: source.below(2) == 0 ? true : nil,
            archivedThrough: source.below(2) == 0 ? nil : Int64(source.below(99)),
            isBlocked: source.below(2) == 0, request: [nil, .waiting, .declined][source.below(3)])
    }

    private static func text(_ source: inout SimulationSource) -> String {
        (0..<source.below(40)).map { _ in characters[source.below(characters.count)] }.joined()
    }

    private static func message(_ source: inout SimulationSource) -> Message {
        Message(
            conversation: .init(high: source.next(), low: source.next()), seq: Int64(source.below(.max)),
            rev: Int64(source.below(100)), sender: .init(high: source.next(), low: source.next()),
            clientMessageId: .init(high: 0, low: source.next()), text: text(&source),
            sentAt: Timestamp(milliseconds: Int64(source.below(4_000_000_000_000))),
            kind: source.below(8) == 0 ? .system : .message, line: source.below(4) == 0 ? line(&source) : nil,
            edit: source.below(3) == 0
                ? MessageEdit(
                    at: Timestamp(milliseconds: Int64(source.below(4_000_000_000_000))), rev: Int64(source.below(99)))
                : nil,
            isDeleted: source.below(4) == 0,
            replyTo: source.below(3) == 0
                ? Quote(
                    seq: Int64(source.below(99)), sender: .init(high: 0, low: source.next()),
                    text: source.below(3) == 0 ? nil : text(&source))
                : nil,
            reactions: some(&source) { source in
                Reaction(emoji: text(&source), users: some(&source) { .init(high: 0, low: $0.next()) })
            })
    }

    private static func conversation(_ source: inout SimulationSource) -> Conversation {
        Conversation(
            id: .init(high: source.next(), low: source.next()), form: .direct,
            members: some(&source) { source in
                .init(
                    user: .init(high: source.next(), low: source.next()), received: Int64(source.below(1_000)),
                    read: Int64(source.below(1_000)), unreadMarks: source.below(2) == 0 ? nil : Int64(source.below(9)),
                    readAt: moment(&source), settings: settings(&source))
            },
            head: Int64(source.below(1_000)), unread: Int64(source.below(1_000)),
            lastMessage: source.below(2) == 0 ? nil : message(&source),
            createdAt: Timestamp(milliseconds: Int64(source.below(4_000_000_000_000))),
            isRefused: source.below(2) == 0 ? nil : true, group: source.below(2) == 0 ? nil : group(&source))
    }

    private static func group(_ source: inout SimulationSource) -> GroupInfo {
        GroupInfo(
            name: text(&source), about: source.below(2) == 0 ? nil : text(&source), showsHistory: source.below(2) == 0,
            memberCount: source.below(1_000), version: Int64(source.below(99)),
            role: GroupRole.allCases[source.below(3)], historyFrom: Int64(source.below(99)))
    }

    /// As JSON tells it.
    private static func line(_ source: inout SimulationSource) -> GroupLine {
        var line = GroupLine(
            [.created, .added, .left, .removed, .role, .changed, .invited, .revoked, .joined][source.below(9)],
            users: (0..<source.below(9)).map { _ in UserID(high: 0, low: source.next()) },
            role: source.below(2) == 0 ? nil : GroupRole.allCases[source.below(3)],
            name: source.below(2) == 0 ? nil : text(&source),
            showsHistory: source.below(2) == 0 ? nil : source.below(2) == 0)
        line.hasAbout = source.below(2) == 0
        if line.users.count == Limits.namedUsers { line.userCount += source.below(99) }
        return line
    }

    private func expectSame<Value: Codable & Equatable>(_ value: Value, _ line: [UInt8]) throws {
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(try JSONDecoder().decode(Value.self, from: Data(line)) == value)
        // No field more, which a decoder would not notice.
        let mine = try JSONSerialization.jsonObject(with: Data(line))
        let theirs = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value))
        #expect(Self.fields(of: mine) == Self.fields(of: theirs))
    }

    /// The names of the fields at every depth. Not the texts, of which this parser leaves out a byte order mark.
    private static func fields(of value: Any) -> String {
        switch value {
        case let fields as [String: Any]:
            "{\(fields.sorted { $0.key < $1.key }.map { "\($0.key): \(Self.fields(of: $0.value))" }.joined())}"
        case let items as [Any]: "[\(items.map(fields).joined(separator: ", "))]"
        default: "value"
        }
    }
}
