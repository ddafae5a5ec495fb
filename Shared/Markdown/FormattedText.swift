/// The text of a message with its formatting: a tree that pages draw. It holds no markup of anybody, so whoever draws it
/// escapes every text and sets every tag.
///
/// The parts stand in the order of reading. Two paragraphs are two runs of text with an empty line between them.
public struct FormattedText: Sendable, Hashable {
    public var parts: [FormattedPart]

    public init(_ parts: [FormattedPart]) { self.parts = parts }

    /// The words without the formatting, for previews and quotes.
    public var plainText: String {
        var text = ""
        Self.append(parts, to: &text)
        return text
    }

    private static func append(_ parts: [FormattedPart], to text: inout String) {
        for part in parts {
            switch part {
            case .text(let run): text += run
            case .element(let element, let content):
                if element.isBlock, !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
                append(content, to: &text)
                if element.isBlock, element != .item { text += "\n" }
            }
        }
    }
}

/// A run of text, or an element with what it contains.
public indirect enum FormattedPart: Sendable, Hashable {
    /// Line feeds in it are breaks.
    case text(String)
    case element(FormattedElement, [FormattedPart])
}

/// What is done with a stretch of a text.
public enum FormattedElement: Sendable, Hashable {
    case strong
    case emphasis
    case strike
    /// Code within a line; contains one run of text.
    case code
    /// Lines of code; contains one run of text. `language` is the word after the fence.
    case codeBlock(language: String?)
    case quote
    /// Contains items only. `start` is the number of the first; nil for bullets.
    case list(start: Int?)
    case item
    /// `url` is ASCII, and begins with `http:`, `https:` or `mailto:`. `host` is where it leads, if the words of the link do
    /// not say so: a page shows it beside them.
    case link(url: String, host: String?)
    /// An `@` and a name. `user` is whom it means; nil for everybody. No text has it by itself: who is meant is known where
    /// the text comes from.
    case mention(user: String?)

    /// Whether it stands on lines of its own.
    public var isBlock: Bool {
        switch self {
        case .codeBlock, .quote, .list, .item: true
        case .strong, .emphasis, .strike, .code, .link, .mention: false
        }
    }
}
