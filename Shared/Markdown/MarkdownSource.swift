/// A text on its way to the parser.
///
/// People write chat messages line by line, and Markdown was made for documents. Some things are prepared here, so that the
/// parser does what somebody who types a message expects:
/// - A line without `>` after a quote, or one that is not indented after a list, belongs to neither. In Markdown it does
///   (a "lazy continuation").
/// - A fence at the end of a line of code ends the code.
/// - `[name]: …` stays in the text. In Markdown it defines a link and disappears.
struct MarkdownSource {
    /// UTF-8, with a line feed at the end of each line but the last.
    private(set) var bytes: [UInt8] = []
    /// Where each line stands, without its line feed.
    private var lines: [Range<Int>] = []

    /// Stands for the colon after a bracket while the text is parsed. A private character that nobody has a use for.
    static let colon: Unicode.Scalar = "\u{10FFFD}"
    private static let colonBytes = Array(String(Character(colon)).utf8)

    /// Nil if the text contains what stands for the colon.
    init?(_ text: String) {
        guard !text.unicodeScalars.contains(Self.colon) else { return nil }
        bytes.reserveCapacity(text.utf8.count + 16)
        var fence: Fence?
        var before = Line.blank
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let content = Array(line.utf8)
            let kind = fence == nil ? Line(content) : .other
            let indent = content.prefix { $0 == UInt8(ascii: " ") }.count
            let endsBlock = Self.ends(before, with: kind, indent: indent)
            if endsBlock { appendLine([]) }
            if let open = fence {
                if open.isClosed(by: content) {
                    fence = nil
                } else if let code = open.code(before: content) {
                    appendLine(code)
                    appendLine(open.bytes)
                    fence = nil
                    before = .other
                    continue
                }
            } else {
                fence = Fence(openedBy: content)
            }
            // An indented line after an item belongs to it.
            before = kind == .other && before == .item && !endsBlock && fence == nil ? .item : kind
            appendLine(content)
        }
        if !bytes.isEmpty { bytes.removeLast() }
    }

    /// What was written on these lines, counted from 1.
    func text(ofLines range: ClosedRange<Int>) -> String {
        guard range.lowerBound >= 1, range.upperBound <= lines.count else { return "" }
        let span = lines[range.lowerBound - 1].lowerBound..<lines[range.upperBound - 1].upperBound
        return Self.restored(String(decoding: bytes[span], as: UTF8.self))
    }

    /// A text of the parser as it was written.
    static func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(colon) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == colon ? ":" : $0 }))
    }

    private mutating func appendLine(_ content: [UInt8]) {
        let start = bytes.count
        for byte in content {
            if byte == UInt8(ascii: ":"), bytes.count > start, bytes.last == UInt8(ascii: "]") {
                bytes.append(contentsOf: Self.colonBytes)
            } else {
                bytes.append(byte)
            }
        }
        lines.append(start..<bytes.count)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Whether a line of this kind ends the quote or list before it.
    private static func ends(_ before: Line, with line: Line, indent: Int) -> Bool {
        switch before {
        case .quote: line == .other || line == .item
        case .item: line == .other && indent < 2
        case .other, .blank: false
        }
    }

    private enum Line {
        case blank, quote, item, other

        init(_ content: [UInt8]) {
            let rest = content.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            switch rest.first {
            case nil: self = .blank
            case UInt8(ascii: ">"): self = .quote
            case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"):
                self = rest.dropFirst().first.map { $0 == UInt8(ascii: " ") } ?? true ? .item : .other
            case .some:
                let marker = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                let isItem =
                    marker.startIndex > rest.startIndex
                    && (marker.first == UInt8(ascii: ".") || marker.first == UInt8(ascii: ")"))
                    && marker.dropFirst().first.map { $0 == UInt8(ascii: " ") } ?? true
                self = isItem ? .item : .other
            }
        }
    }

    /// Lines between fences are code, whatever they look like.
    private struct Fence {
        private let mark: UInt8
        private let length: Int

        init?(openedBy line: [UInt8]) {
            let rest = line.drop { $0 == UInt8(ascii: " ") }
            guard line.count - rest.count <= 3, let mark = rest.first,
                mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~")
            else { return nil }
            let length = rest.prefix { $0 == mark }.count
            // Backticks after the fence make it code within a line.
            guard length >= 3, mark == UInt8(ascii: "~") || !rest.dropFirst(length).contains(mark) else { return nil }
            self.mark = mark
            self.length = length
        }

        var bytes: [UInt8] { Array(repeating: mark, count: length) }

        /// The code on a line that ends with the fence; nil if it does not.
        func code(before line: [UInt8]) -> [UInt8]? {
            let code = line.droppingLast(while: { $0 == UInt8(ascii: " ") }).droppingLast(while: { $0 == mark })
            let end = line.droppingLast(while: { $0 == UInt8(ascii: " ") }).count
            return end - code.count == length && !code.isEmpty ? Array(code) : nil
        }

        func isClosed(by line: [UInt8]) -> Bool {
            let rest = line.drop { $0 == UInt8(ascii: " ") }
            let length = rest.prefix { $0 == mark }.count
            return line.count - rest.count <= 3 && length >= self.length
                && rest.dropFirst(length).allSatisfy { $0 == UInt8(ascii: " ") }
        }
    }
}

extension BidirectionalCollection {
    fileprivate func droppingLast(while predicate: (Element) -> Bool) -> SubSequence {
        var rest = self[...]
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
