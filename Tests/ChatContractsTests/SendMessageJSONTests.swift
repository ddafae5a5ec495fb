import ChatContracts
import Foundation
import JSON
import Testing

@Suite("The JSON of a message's command")
struct SendMessageJSONTests {
    private func message(_ text: String) -> SendMessage {
        SendMessage(
            conversation: ConversationID(high: 1, low: .max), sender: UserID(high: 0, low: 2),
            clientMessageId: ClientMessageID(high: .max, low: 0), text: text)
    }

    @Test(arguments: ["", "hello", "line\nline", "a \"quote\" and \\", "漢字 🐦", "\u{0}\u{1f}\u{7f}", "/slash/"])
    func `is what any decoder reads`(text: String) throws {
        let decoded = try JSONDecoder().decode(SendMessage.self, from: Data(try #require(message(text).directJSON)))
        #expect(decoded.text == text)
        #expect(decoded.conversation == message("").conversation)
        #expect(decoded.sender == message("").sender)
        #expect(decoded.clientMessageId == message("").clientMessageId)
    }

    @Test(arguments: ["", "hello", "漢字 🐦", "/slash/", "\u{7f}"])
    func `is read as any decoder reads it`(text: String) throws {
        for bytes in [try #require(message(text).directJSON), [UInt8](try JSONEncoder().encode(message(text)))] {
            guard let plain = SendMessage(directJSON: bytes) else {
                // Escapes, such as Foundation's of slashes, are left to the general decoder.
                #expect(bytes.contains(UInt8(ascii: "\\")))
                continue
            }
            #expect(plain.text == text)
            #expect(plain.conversation == message("").conversation)
        }
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"text\":\"x\"}", "{\"conversation\":1}", "nonsense", "{\"text\":\"\\n\"}",
        "{\"text\":\"a\",\"text\":\"b\"}",
    ])
    func `is left to the general decoder when it is out of the ordinary`(body: String) {
        #expect(SendMessage(directJSON: Array(body.utf8)) == nil)
    }

    @Test func `is refused when it is not UTF-8, has a raw control character, or something behind it`() throws {
        let whole = try #require(message("hello").directJSON)
        let start = whole.count - 7
        for byte in [UInt8(0xff), 0x0a, 0x00] {
            var broken = whole
            broken[start] = byte
            #expect(SendMessage(directJSON: broken) == nil)
        }
        #expect(SendMessage(directJSON: whole + Array("{}".utf8)) == nil)
        #expect(SendMessage(directJSON: whole)?.text == "hello")
    }

    @Test func `exists for no other request, which Codable writes and reads`() {
        let request = GetConversation(user: UserID(high: 0, low: 1), conversation: ConversationID(high: 0, low: 2))
        #expect(request.directJSON == nil)
        #expect(GetConversation(directJSON: Array("{}".utf8)) == nil)
    }
}
