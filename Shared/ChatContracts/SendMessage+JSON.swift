import JSON

/// The request of every message, in and out of JSON without a general coder: the same meaning at a tenth of the cost.
extension SendMessage {
    public var directJSON: [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 192)
        bytes.append(contentsOf: #"{"conversation":""#.utf8)
        conversation.appendHexadecimal(to: &bytes)
        bytes.append(contentsOf: #"","sender":""#.utf8)
        sender.appendHexadecimal(to: &bytes)
        bytes.append(contentsOf: #"","clientMessageId":""#.utf8)
        clientMessageId.appendHexadecimal(to: &bytes)
        bytes.append(contentsOf: #"","text":"#.utf8)
        JSONText.append(text, to: &bytes)
        if let replyTo {
            bytes.append(contentsOf: #","replyTo":"#.utf8)
            JSONText.append(replyTo, to: &bytes)
        }
        if let mentions {
            bytes.append(contentsOf: #","mentions":"#.utf8)
            JSONText.append(mentions, to: &bytes) { $0.append(to: &$1) }
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Nil for everything but an object with exactly the four fields of a message that answers none and mentions nobody,
    /// without escapes.
    public init?(directJSON body: [UInt8]) {
        var conversation: ConversationID?
        var sender: UserID?
        var clientMessageId: ClientMessageID?
        var text: String?
        var scanner = JSONScanner(body[...])
        do throws(JSONScanner.Malformed) {
            try scanner.object { key, scanner throws(JSONScanner.Malformed) in
                let value = try scanner.plainString()
                switch key {
                case "conversation" where conversation == nil: conversation = ConversationID(hexadecimal: value)
                case "sender" where sender == nil: sender = UserID(hexadecimal: value)
                case "clientMessageId" where clientMessageId == nil:
                    clientMessageId = ClientMessageID(hexadecimal: value)
                case "text" where text == nil: text = String(validating: value, as: UTF8.self)
                default: throw JSONScanner.Malformed()
                }
            }
            try scanner.end()
        } catch {
            return nil
        }
        guard let conversation, let sender, let clientMessageId, let text else { return nil }
        self.init(conversation: conversation, sender: sender, clientMessageId: clientMessageId, text: text)
    }
}
