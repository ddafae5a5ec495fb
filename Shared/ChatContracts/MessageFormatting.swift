public import Markdown

// The formatting of a message is not stored: it follows from the text, wherever a message is shown.

extension Message {
    /// What the text looks like; nil if it has no formatting. In JSON it is `formatted`, after `text`.
    public var formatted: FormattedText? { kind == .message ? Markdown.formatted(text) : nil }

    /// The words of the text without its formatting.
    public var plainText: String { kind == .message ? Markdown.plainText(text) : text }
}
