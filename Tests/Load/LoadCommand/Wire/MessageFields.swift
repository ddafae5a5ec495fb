import ChatContracts

/// What the tool reads of a message's JSON, found by scanning and not by decoding: this runs three times for each
/// message and shares the processor with what it measures.
struct MessageFields: Sendable, Equatable {
    var conversation: ConversationID
    var seq: Int64
    var id: ClientMessageID

    /// Nil if one of the fields is not there. Texts that the tool sends contain no quotation marks, so that what looks
    /// like a name is one.
    init?(_ json: Span<UInt8>, from start: Int = 0) {
        var conversation: ConversationID?
        var seq: Int64?
        var id: ClientMessageID?
        var index = start
        while index + 6 < json.count {
            guard json[index] == UInt8(ascii: "\"") else {
                index += 1
                continue
            }
            switch (json[index + 1], json[index + 4]) {
            case (UInt8(ascii: "c"), UInt8(ascii: "v")) where json.holds("conversation\":\"", at: index + 1):
                conversation = json.identifier(at: index + 16)
                index += 48
            case (UInt8(ascii: "s"), UInt8(ascii: "\"")) where json.holds("seq\":", at: index + 1):
                var number: Int64 = 0
                index += 6
                while index < json.count, let digit = decimalDigit(json[index]) {
                    number = number &* 10 &+ Int64(digit)
                    index += 1
                }
                seq = number
            case (UInt8(ascii: "c"), UInt8(ascii: "e")) where json.holds("clientMessageId\":\"", at: index + 1):
                id = json.identifier(at: index + 19)
                index += 51
            default:
                index += 1
            }
            if let conversation, let seq, let id {
                self.conversation = conversation
                self.seq = seq
                self.id = id
                return
            }
        }
        return nil
    }
}

extension MessageFields {
    /// All messages anywhere in an answer, whatever the order of the names: objects without objects in them.
    static func all(in json: Span<UInt8>) -> [MessageFields] {
        var messages: [MessageFields] = []
        var start: Int?
        for index in 0..<json.count {
            switch json[index] {
            case UInt8(ascii: "{"): start = index
            case UInt8(ascii: "}"):
                if let begin = start, let message = MessageFields(json.extracting(begin...index)) {
                    messages.append(message)
                }
                start = nil
            default: break
            }
        }
        return messages
    }
}

/// What a stream says.
enum StreamEvent: Sendable, Equatable {
    case message(MessageFields)
    case alive
    case resync
    case goodbye
    case other

    init(_ event: Span<UInt8>) {
        if event.holds("event: message.sent\n", at: 0) {
            self = MessageFields(event, from: 26).map { .message($0) } ?? .other
        } else if event.holds("event: alive\n", at: 0) {
            self = .alive
        } else if event.holds("event: resync\n", at: 0) {
            self = .resync
        } else if event.holds("event: goodbye\n", at: 0) {
            self = .goodbye
        } else {
            self = .other
        }
    }
}

extension Span<UInt8> {
    /// Whether the text is at this place.
    func holds(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start + length <= count else { return false }
        for index in 0..<length {
            guard unsafe self[start + index] == text.utf8Start[index] else { return false }
        }
        return true
    }

    /// Whether the text is anywhere.
    func contains(_ text: StaticString) -> Bool {
        (0..<Swift.max(0, count - text.utf8CodeUnitCount + 1)).contains { holds(text, at: $0) }
    }

    /// The identifier whose text form begins here.
    func identifier<Kind>(at start: Int) -> Identifier<Kind>? {
        guard start + 32 <= count else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for index in 0..<16 {
            guard let high = hexadecimalDigit(self[start + index]),
                let low = hexadecimalDigit(self[start + 16 + index])
            else { return nil }
            halves.high = halves.high << 4 | UInt64(high)
            halves.low = halves.low << 4 | UInt64(low)
        }
        return Identifier(high: halves.high, low: halves.low)
    }
}
