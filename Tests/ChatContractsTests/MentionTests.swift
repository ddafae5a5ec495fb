import ChatContracts
import Foundation
import Markdown
import Testing

@Suite struct MentionTests {
    private static let ada = Mention(user: UserID(high: 1, low: 1), name: "Ada")
    private static let dotted = Mention(user: UserID(high: 1, low: 2), name: "j.smith_")

    private func message(_ text: String, _ mentions: [Mention]) -> Message {
        Message(
            conversation: .random(), seq: 1, rev: 1, sender: .random(), clientMessageId: .random(), text: text,
            sentAt: Timestamp(milliseconds: 0), mentions: mentions)
    }

    /// The formatting with brackets around each mention.
    private func marked(_ text: String, _ mentions: [Mention]) -> String? {
        func words(_ parts: [FormattedPart]) -> String {
            parts.map { part in
                switch part {
                case .text(let run): run
                case .element(.mention(let user), let content): "[\(user == nil ? "*" : "")\(words(content))]"
                case .element(_, let content): "{\(words(content))}"
                }
            }.joined()
        }
        return message(text, mentions).formatted.map { words($0.parts) }
    }

    @Test(arguments: [
        ("hello @ada", ["ada"]), ("@ada, @Bob: hi", ["ada", "bob"]), ("(@ada)", ["ada"]), ("你好@ada。", ["ada"]),
        ("@j.smith_ and @ada.", ["j.smith_", "j.smith", "ada.", "ada"]), ("thanks.@ada", ["ada"]),
        ("**@ada** > _@bob_", ["ada", "bob"]), ("@all", ["all"]), ("@ad", []), ("no one", []),
        ("mail@example", []), ("x/@ada", []), ("@@ada", []), ("@ada@example", []), ("`@ada`", []),
        ("```\n@ada\n```", []), ("https://example.org/@ada", []), ("ada@example.org", []),
        ("@" + String(repeating: "a", count: 33), []),
        ("@" + String(repeating: "a", count: 32), [String(repeating: "a", count: 32)]),
    ])
    func `names are found behind an at sign, but for code, links and addresses`(_ text: String, _ names: [String]) {
        #expect(Mention.names(in: text) == Set(names))
    }

    @Test func `of many names the first are taken, quickly`() {
        let text = (0..<200).map { "@user\($0)" }.joined(separator: " ")
        #expect(Mention.names(in: text) == Set((0..<50).map { "user\($0)" }))
        #expect(Mention.names(in: String(repeating: "@", count: 16_000)).isEmpty)
    }

    @Test(arguments: [
        ("hi @ada!", "hi [@ada]!"), ("**@ADA** and @ada.", "{[@ADA]} and [@ada]."), ("@adam", "@adam"),
        ("@j.smith_, @j.smith", "[@j.smith_], @j.smith"), ("`@ada` @ada", "{@ada} [@ada]"), ("no one", "no one"),
    ])
    func `a text is formatted where it calls those whom the message mentions`(_ text: String, _ expected: String) {
        #expect(marked(text, [Self.ada, Self.dotted]) == expected)
    }

    @Test func `everybody is called by all, and nobody by a text alone`() {
        #expect(marked("@all: lunch", [.everybody]) == "[*@all]: lunch")
        #expect(marked("@all: lunch", []) == nil)
        #expect(message("@ada", [Self.ada]).mentions(Self.ada.user!))
        #expect(!message("@ada", [Self.ada]).mentions(.random()))
        let everybody = message("@all", [.everybody])
        #expect(everybody.mentions(.random()) && !everybody.mentions(everybody.sender), "not whoever wrote it")
    }

    @Test func `a message with mentions is in JSON what it was`() throws {
        let message = message("@ada and @all", [Self.ada, .everybody])
        let json = try JSONEncoder().encode(message)
        #expect(try JSONDecoder().decode(Message.self, from: json) == message)
        let text = String(decoding: json, as: UTF8.self)
        #expect(text.contains(#"{"name":"all"}"#))
        var written: [UInt8] = []
        Self.ada.append(to: &written)
        #expect(
            String(decoding: written, as: UTF8.self) == #"{"user":"\#(Self.ada.user!)","name":"Ada"}"#)
    }

    @Test func `a command with mentions comes out of its fast form as it went in`() throws {
        let command = SendMessage(
            conversation: .random(), sender: .random(), clientMessageId: .random(), text: "@ada", replyTo: 3,
            mentions: [Self.ada, .everybody])
        let json = try #require(command.directJSON)
        #expect(SendMessage(directJSON: json) == nil)
        let read = try JSONDecoder().decode(SendMessage.self, from: Data(json))
        #expect(read.mentions == command.mentions && read.replyTo == 3 && read.text == command.text)
        let many = (0..<52).map { Mention(user: UserID(high: 2, low: $0), name: "user\($0)") }
        #expect(
            SendMessage(
                conversation: .random(), sender: .random(), clientMessageId: .random(), text: "x", mentions: many
            ).refusal?.code == .invalid)
    }
}
