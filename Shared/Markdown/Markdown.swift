internal import CCommonMark
internal import Synchronization

/// Markdown for chat messages: GitHub's dialect, without what a document has and a message does not (headings, rules,
/// tables, pictures, HTML), all of which stay as they were written.
public enum Markdown {
    /// The limits beyond which a text is shown as it was written. They keep the time for one text under about five
    /// milliseconds, whatever is in it, and a page small.
    enum Limits {
        /// Characters that the parser has to look at closely. Some of its work grows with their square.
        static let marks = 1_000
        /// Runs of text and elements.
        static let parts = 1_000
        /// Elements within elements; what is deeper is text of the last one.
        static let depth = 12
    }

    /// What a text looks like; nil if it has no formatting, which is decided quickly for most texts.
    ///
    /// Any thread may call it. Calls run one after the other, because the parser keeps a table of its own for the whole
    /// process while it works.
    public static func formatted(_ text: String) -> FormattedText? {
        guard mayBeFormatted(text), let source = MarkdownSource(text), let parsed = parse(source) else { return nil }
        if parsed.hasElements { return FormattedText(parsed.parts) }
        // "\*so\*" is meant to look like "*so*", but in "¯\_(ツ)_/¯" the backslash is part of the figure.
        guard let bare = unescaped(text), let source = MarkdownSource(bare), parse(source)?.hasElements == true else {
            return nil
        }
        return FormattedText(parsed.parts)
    }

    /// The words of a text without its formatting.
    public static func plainText(_ text: String) -> String {
        guard let formatted = formatted(text) else { return text }
        return String(formatted.plainText.trimmingSuffix(while: \.isNewline))
    }

    // MARK: Without the parser

    /// Whether anything in a text could be formatting. May say yes for nothing, never no for something.
    static func mayBeFormatted(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var isLineStart = true
            // Whether only digits stand between the beginning of the line and here.
            var isNumber = false
            var marks = 0
            var found = false
            for index in bytes.indices {
                let byte = bytes[index]
                switch byte {
                case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "`"), UInt8(ascii: "["),
                    UInt8(ascii: "@"):
                    found = true
                    marks += 1
                case UInt8(ascii: "]"), UInt8(ascii: "<"), UInt8(ascii: "!"), UInt8(ascii: "&"), UInt8(ascii: "\\"):
                    marks += 1
                case UInt8(ascii: ":"):
                    marks += 1
                    found = found || index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/")
                case UInt8(ascii: "."):
                    // "www.", or the number of an item.
                    found =
                        found || index >= 3 && bytes[index - 1] | 0x20 == UInt8(ascii: "w")
                        || isNumber && isSpace(after: index, in: bytes)
                case UInt8(ascii: ">"):
                    marks += 1
                    found = found || isLineStart
                case UInt8(ascii: "-"), UInt8(ascii: "+"):
                    found = found || isLineStart && isSpace(after: index, in: bytes)
                case UInt8(ascii: "0")...UInt8(ascii: "9"): isNumber = isLineStart || isNumber
                case UInt8(ascii: ")"): found = found || isNumber && isSpace(after: index, in: bytes)
                default: break
                }
                if marks > Limits.marks { return false }
                if isNumber, byte < UInt8(ascii: "0") || byte > UInt8(ascii: "9") { isNumber = false }
                isLineStart =
                    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || isLineStart && byte == UInt8(ascii: " ")
            }
            return found
        }
    }

    private static func isSpace(after index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        index + 1 == bytes.count || bytes[index + 1] <= UInt8(ascii: " ")
    }

    /// Without the backslashes before punctuation; nil if there is none.
    private static func unescaped(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return nil }
        var bare: [UInt8] = []
        var isEscape = false
        for byte in text.utf8 {
            if isEscape {
                if !isPunctuation(byte) { bare.append(UInt8(ascii: "\\")) }
                bare.append(byte)
                isEscape = false
            } else if byte == UInt8(ascii: "\\") {
                isEscape = true
            } else {
                bare.append(byte)
            }
        }
        if isEscape { bare.append(UInt8(ascii: "\\")) }
        return String(decoding: bare, as: UTF8.self)
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    // MARK: With the parser

    /// Registers the extensions once. Their names are looked up for each text, because a reference cannot be shared between
    /// threads.
    private static let lock: Mutex<Void> = {
        cmark_gfm_core_extensions_ensure_registered()
        return Mutex(())
    }()

    /// Nil if the text has too many parts, or if nothing of it would be seen.
    static func parse(_ source: MarkdownSource) -> MarkdownTree? {
        lock.withLock { _ in
            guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT | CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE) else {
                return nil
            }
            defer { cmark_parser_free(parser) }
            for name in ["strikethrough", "autolink"] {
                cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name))
            }
            source.bytes.withUnsafeBytes { bytes in
                cmark_parser_feed(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            guard let document = cmark_parser_finish(parser) else { return nil }
            defer { cmark_node_free(document) }
            return MarkdownTree(document, of: source)
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var rest = self[...]
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
