internal import JSON

// In JSON a run of text is a string, and an element `{"type": "strong", "content": […]}` with what else its kind has:
// `language`, `start`, `url` and `host`, or `user`.

extension FormattedText {
    /// Appends the parts as a JSON array.
    public func append(to bytes: inout [UInt8]) { Self.append(parts, to: &bytes) }

    private static func append(_ parts: [FormattedPart], to bytes: inout [UInt8]) {
        JSONText.append(parts, to: &bytes) { part, bytes in
            switch part {
            case .text(let text): JSONText.append(text, to: &bytes)
            case .element(let element, let content):
                bytes.append(contentsOf: "{\"type\":".utf8)
                JSONText.append(element.name, to: &bytes)
                switch element {
                case .codeBlock(let language?): append("language", language, to: &bytes)
                case .list(let start?):
                    bytes.append(contentsOf: ",\"start\":".utf8)
                    JSONText.append(start, to: &bytes)
                case .link(let url, let host):
                    append("url", url, to: &bytes)
                    if let host { append("host", host, to: &bytes) }
                case .mention(let user?): append("user", user, to: &bytes)
                default: break
                }
                bytes.append(contentsOf: ",\"content\":".utf8)
                append(content, to: &bytes)
                bytes.append(UInt8(ascii: "}"))
            }
        }
    }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: ","))
        JSONText.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONText.append(value, to: &bytes)
    }
}

extension FormattedText: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for part in parts { try container.encode(part) }
    }
}

extension FormattedPart: Encodable {
    private enum Key: String, CodingKey { case type, language, start, url, host, user, content }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .element(let element, let content):
            var fields = encoder.container(keyedBy: Key.self)
            try fields.encode(element.name, forKey: .type)
            switch element {
            case .codeBlock(let language): try fields.encodeIfPresent(language, forKey: .language)
            case .list(let start): try fields.encodeIfPresent(start, forKey: .start)
            case .link(let url, let host):
                try fields.encode(url, forKey: .url)
                try fields.encodeIfPresent(host, forKey: .host)
            case .mention(let user): try fields.encodeIfPresent(user, forKey: .user)
            default: break
            }
            try fields.encode(content, forKey: .content)
        }
    }
}

extension FormattedElement {
    /// Its name in JSON.
    fileprivate var name: String {
        switch self {
        case .strong: "strong"
        case .emphasis: "emphasis"
        case .strike: "strike"
        case .code: "code"
        case .codeBlock: "code-block"
        case .quote: "quote"
        case .list: "list"
        case .item: "item"
        case .link: "link"
        case .mention: "mention"
        }
    }
}
