import ChatContracts
import Testing

@testable import LoadCommand

@Suite struct EventStreamTests {
    private func events(_ text: String, pieces size: Int) throws -> [StreamEvent] {
        var splitter = EventSplitter()
        var events: [StreamEvent] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let part = Array(bytes[start..<min(start + size, bytes.count)])
            try splitter.feed(part.span) { events.append(StreamEvent($0)) }
        }
        return events
    }

    private let conversation = ConversationID(high: 1, low: 0xABCD)
    private let id = ClientMessageID(high: 0xFEED_0000_0000_0001, low: 42)

    private func json(seq: Int64) -> String {
        """
        {"conversation":"\(conversation)","seq":\(seq),"rev":\(seq),"sender":"\(UserID(high: 3, low: 4))",\
        "clientMessageId":"\(id)","text":"words","sentAt":"2026-01-01T00:00:00.000Z"}
        """
    }

    @Test(arguments: [1, 2, 3, 5, 7, 19, 20, 21, 64, 300, 10_000])
    func `Events are found however the bytes are cut`(size: Int) throws {
        let text =
            "retry: 1500\n\nevent: alive\ndata: {}\n\nevent: message.sent\ndata: \(json(seq: 7))\n\n"
            + "event: resync\ndata: {}\n\nevent: digest\ndata: {\"a\":1}\n\nevent: message.sent\ndata: \(json(seq: 1234567))\n\n"
            + "event: goodbye\ndata: 250\n\nevent: mess"
        let message = MessageFields(conversation: conversation, seq: 7, id: id)
        let later = MessageFields(conversation: conversation, seq: 1_234_567, id: id)
        #expect(
            try events(text, pieces: size)
                == [.other, .alive, .message(message), .resync, .other, .message(later), .goodbye])
    }

    @Test func `The order of the names in a message does not matter`() {
        let text = Array(
            "{\"clientMessageId\":\"\(id)\",\"text\":\"a\",\"seq\":9,\"rev\":8,\"conversation\":\"\(conversation)\"}"
                .utf8)
        #expect(MessageFields(text.span) == MessageFields(conversation: conversation, seq: 9, id: id))
    }

    @Test func `The number may be the last thing in a message`() {
        let text = Array("{\"clientMessageId\":\"\(id)\",\"conversation\":\"\(conversation)\",\"seq\":9}".utf8)
        #expect(MessageFields(text.span)?.seq == 9)
    }

    @Test func `A message without a number is none`() {
        let text = Array("{\"clientMessageId\":\"\(id)\",\"conversation\":\"\(conversation)\"}".utf8)
        #expect(MessageFields(text.span) == nil)
    }

    @Test func `An identifier with a wrong digit is none`() {
        let text = Array(
            "{\"clientMessageId\":\"\(String(repeating: "g", count: 32))\",\"conversation\":\"\(conversation)\",\"seq\":1}"
                .utf8)
        #expect(MessageFields(text.span) == nil)
    }

    @Test func `All messages of a sync are found and nothing else`() {
        let text = Array(
            "{\"changes\":[{\"messages\":[\(json(seq: 2)),\(json(seq: 3))],\"cursor\":3}],\"conversations\":[{\"lastMessage\":\(json(seq: 3)),\"unread\":1}],\"more\":false}"
                .utf8)
        #expect(MessageFields.all(in: text.span).map(\.seq) == [2, 3, 3])
        let (saysFalse, saysTrue) = (text.span.contains("\"more\":false"), text.span.contains("\"more\":true"))
        #expect(saysFalse)
        #expect(!saysTrue)
    }
}

extension MessageFields {
    init(conversation: ConversationID, seq: Int64, id: ClientMessageID) {
        let text = Array("{\"conversation\":\"\(conversation)\",\"seq\":\(seq),\"clientMessageId\":\"\(id)\"}".utf8)
        guard let fields = MessageFields(text.span) else { preconditionFailure("this is a message") }
        self = fields
    }
}
