public import Markdown

// The formatting of a message is not stored: it follows from the text, and from whom the message mentions, wherever a message
// is shown.

extension Message {
    /// What the text looks like; nil if it has no formatting. In JSON it is `formatted`, after `text`.
    public var formatted: FormattedText? {
        guard kind == .message else { return nil }
        let formatted = Markdown.formatted(text)
        return mentions.isEmpty ? formatted : (formatted ?? FormattedText([.text(text)])).marking(mentions)
    }

    /// The words of the text without its formatting.
    public var plainText: String { kind == .message ? Markdown.plainText(text) : text }
}

extension Mention {
    /// What a text calls people by, in lowercase: what may be usernames behind an `@`, but for code and links. Of many, the
    /// first ``Limits/mentionedNames``.
    public static func names(in text: String) -> Set<String> {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return [] }
        var names: Set<String> = []
        (Markdown.formatted(text) ?? FormattedText([.text(text)])).eachPlainRun { run in
            for place in MentionPlaces(run) {
                let found = place.names.map { $0.lowercased() }
                guard names.union(found).count <= Limits.mentionedNames else { return }
                names.formUnion(found)
            }
        }
        return names
    }
}

extension FormattedText {
    /// The same with an element around each name of somebody who is mentioned.
    fileprivate func marking(_ mentions: [Mention]) -> FormattedText {
        let byName = Dictionary(mentions.map { ($0.name.lowercased(), $0) }) { first, _ in first }
        return FormattedText(Self.marking(parts, byName))
    }

    private static func marking(_ parts: [FormattedPart], _ byName: [String: Mention]) -> [FormattedPart] {
        parts.flatMap { part -> [FormattedPart] in
            switch part {
            case .text(let run): return marking(run, byName)
            case .element(let element, let content) where element.hasPlainRuns:
                return [.element(element, marking(content, byName))]
            case .element: return [part]
            }
        }
    }

    private static func marking(_ run: String, _ byName: [String: Mention]) -> [FormattedPart] {
        var parts: [FormattedPart] = []
        var end = run.startIndex
        for place in MentionPlaces(run) {
            guard let name = place.names.first(where: { byName[$0.lowercased()] != nil }),
                let mention = byName[name.lowercased()]
            else { continue }
            if end < place.start { parts.append(.text(String(run[end..<place.start]))) }
            parts.append(
                .element(
                    .mention(user: mention.user?.description), [.text(String(run[place.start..<name.endIndex]))]))
            end = name.endIndex
        }
        if end < run.endIndex { parts.append(.text(String(run[end...]))) }
        return parts
    }

    fileprivate func eachPlainRun(_ body: (String) -> Void) { Self.eachPlainRun(of: parts, body) }

    private static func eachPlainRun(of parts: [FormattedPart], _ body: (String) -> Void) {
        for part in parts {
            switch part {
            case .text(let run): body(run)
            case .element(let element, let content):
                if element.hasPlainRuns { eachPlainRun(of: content, body) }
            }
        }
    }
}

extension FormattedElement {
    /// Whether a name in it calls somebody.
    fileprivate var hasPlainRuns: Bool {
        switch self {
        case .strong, .emphasis, .strike, .quote, .list, .item: true
        case .code, .codeBlock, .link, .mention: false
        }
    }
}
