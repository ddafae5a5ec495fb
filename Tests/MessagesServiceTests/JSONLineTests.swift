import ChatContracts
import Foundation
import Testing

@testable import MessagesService

@Suite("JSON written by hand")
struct JSONLineTests {
    private static let characters: [Character] =
        [
            "a", "Z", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{0}", "\u{1}", "\u{1f}", "\u{7f}", "\u{2028}", "é",
            "漢", "👩‍👩‍👧", "🇩🇪", "{", "}", "\u{feff}", "\u{10ffff}",
        ]

    @Test("says of a message exactly what Codable says, on one line", arguments: 0..<500 as Range<UInt64>)
    func message(seed: UInt64) throws {
        var source = SeededSource(seed: seed)
        let length = source.below(40)
        let text = String((0..<length).map { _ in Self.characters[source.below(Self.characters.count)] })
        let message = Message(
            conversation: .init(high: source.next(), low: source.next()), seq: Int64(source.below(.max)),
            rev: Int64(source.below(100)), sender: .init(high: source.next(), low: source.next()),
            clientMessageId: .init(high: 0, low: source.next()), text: text,
            sentAt: Timestamp(milliseconds: Int64(source.below(4_000_000_000_000))))
        try expectSame(message, JSONLine.encode(message))
    }

    @Test("says of a position exactly what Codable says", arguments: 0..<50 as Range<UInt64>)
    func position(seed: UInt64) throws {
        var source = SeededSource(seed: seed)
        let change = PositionChanged(
            conversation: .init(high: source.next(), low: source.next()),
            user: .init(high: source.next(), low: source.next()), received: Int64(source.below(1_000)),
            read: Int64(source.below(1_000)), unread: Int64(source.below(1_000)), head: Int64(source.below(1_000)))
        try expectSame(change, JSONLine.encode(change))
    }

    @Test("says of a new conversation exactly what Codable says")
    func opened() throws {
        let opened = ConversationOpened(conversation: .random())
        try expectSame(opened, JSONLine.encode(opened))
    }

    private func expectSame<Value: Codable & Equatable>(_ value: Value, _ line: [UInt8]) throws {
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(try JSONDecoder().decode(Value.self, from: Data(line)) == value)
        // No field more, which a decoder would not notice.
        let mine = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]).keys
        let theirs = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value)) as? [String: Any]
        ).keys
        #expect(Set(mine) == Set(theirs))
    }
}
