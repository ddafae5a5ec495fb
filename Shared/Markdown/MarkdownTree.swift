internal import CCommonMark

/// The parser's tree as parts of a formatted text.
///
/// It goes through the nodes one by one instead of calling itself, because texts decide how deep they are nested.
struct MarkdownTree {
    private(set) var parts: [FormattedPart] = []
    private(set) var hasElements = false
    private var count = 0
    private var frames = [Frame()]
    private var openLinks = 0
    private let source: MarkdownSource

    private typealias Node = OpaquePointer

    /// An element that is being filled. One without an element gives its parts to the one around it.
    private struct Frame {
        var element: FormattedElement?
        private var parts: [FormattedPart] = []
        /// The run of text that comes after the parts.
        private var run = ""
        /// Whether the last thing is a paragraph, so that an empty line has to precede another.
        var endsParagraph = false

        init(_ element: FormattedElement? = nil) { self.element = element }

        var content: [FormattedPart] { run.isEmpty ? parts : parts + [.text(run)] }

        mutating func add(_ text: String) { run += text }

        mutating func add(_ element: FormattedElement, _ content: [FormattedPart]) {
            parts = self.content
            run = ""
            parts.append(.element(element, content))
            endsParagraph = endsParagraph && !element.isBlock
        }
    }

    /// Nil if the text has too many parts, or if nothing of it would be seen.
    init?(_ document: OpaquePointer, of source: MarkdownSource) {
        self.source = source
        guard let iterator = cmark_iter_new(document) else { return nil }
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { break }
            if event == CMARK_EVENT_ENTER { enter(node) } else { leave(node) }
            if count > Markdown.Limits.parts { return nil }
        }
        parts = frames[0].content
        guard FormattedText(parts).plainText.contains(where: { !$0.isWhitespace }) else { return nil }
    }

    // MARK: Nodes

    private mutating func enter(_ node: Node) {
        switch cmark_node_get_type(node) {
        case CMARK_NODE_BLOCK_QUOTE: push(.quote)
        case CMARK_NODE_LIST:
            push(
                .list(
                    start: cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
                        ? Int(cmark_node_get_list_start(node)) : nil))
        case CMARK_NODE_ITEM: push(.item)
        case CMARK_NODE_PARAGRAPH: beginParagraph()
        case CMARK_NODE_HEADING: beginHeading(node)
        case CMARK_NODE_CODE_BLOCK: addCodeBlock(node)
        case CMARK_NODE_HTML_BLOCK: addParagraph(literal(node).droppingLastLineFeed)
        case CMARK_NODE_THEMATIC_BREAK: addParagraph(written(node))
        case CMARK_NODE_TEXT, CMARK_NODE_HTML_INLINE: add(literal(node))
        case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: add("\n")
        case CMARK_NODE_CODE: add(.code, [.text(literal(node))])
        case CMARK_NODE_STRONG: push(.strong)
        case CMARK_NODE_EMPH: push(.emphasis)
        case CMARK_NODE_LINK, CMARK_NODE_IMAGE:
            frames.append(Frame())
            openLinks += 1
        default: if isStrike(node) { push(.strike) }
        }
    }

    private mutating func leave(_ node: Node) {
        switch cmark_node_get_type(node) {
        case CMARK_NODE_PARAGRAPH: endParagraph()
        case CMARK_NODE_HEADING: endHeading(node)
        case CMARK_NODE_BLOCK_QUOTE, CMARK_NODE_LIST, CMARK_NODE_ITEM, CMARK_NODE_STRONG, CMARK_NODE_EMPH: pop()
        case CMARK_NODE_LINK, CMARK_NODE_IMAGE: endLink(node)
        default: if isStrike(node) { pop() }
        }
    }

    private func isStrike(_ node: Node) -> Bool { String(cString: cmark_node_get_type_string(node)) == "strikethrough" }

    private func literal(_ node: Node) -> String {
        cmark_node_get_literal(node).map { MarkdownSource.restored(String(cString: $0)) } ?? ""
    }

    /// The lines of a block as they were written.
    private func written(_ node: Node) -> String {
        let first = Int(cmark_node_get_start_line(node))
        return source.text(ofLines: first...max(first, Int(cmark_node_get_end_line(node)))).droppingLastLineFeed
    }

    // MARK: Blocks

    private mutating func beginParagraph() { if frames[frames.count - 1].endsParagraph { add("\n\n") } }

    private mutating func endParagraph() { frames[frames.count - 1].endsParagraph = true }

    private mutating func addParagraph(_ text: String) {
        beginParagraph()
        add(text)
        endParagraph()
    }

    /// A heading looks as it was written: "# Title" begins with a number sign, and a line of "=" or "-" follows the other kind.
    private mutating func beginHeading(_ node: Node) {
        beginParagraph()
        if !isUnderlined(node) { add(String(repeating: "#", count: Int(cmark_node_get_heading_level(node))) + " ") }
    }

    private mutating func endHeading(_ node: Node) {
        if isUnderlined(node), let line = written(node).split(separator: "\n").last { add("\n" + line) }
        endParagraph()
    }

    private func isUnderlined(_ node: Node) -> Bool {
        cmark_node_get_end_line(node) > cmark_node_get_start_line(node)
    }

    /// Indented lines are code in documents; in a message they are indented lines.
    private mutating func addCodeBlock(_ node: Node) {
        var length: Int32 = 0
        var offset: Int32 = 0
        var mark: CChar = 0
        guard cmark_node_get_fenced(node, &length, &offset, &mark) != 0 else {
            addParagraph(written(node))
            return
        }
        let info = cmark_node_get_fence_info(node).map { MarkdownSource.restored(String(cString: $0)) } ?? ""
        let code = literal(node).droppingLastLineFeed
        let isLanguage = info.utf8.count <= 24 && !info.contains { $0.isWhitespace || $0 == "`" }
        // Nothing that was written gets lost: code on the line of the fence is code.
        switch (info.isEmpty, code.isEmpty) {
        case (_, true): addParagraph(written(node))
        case (true, false): add(.codeBlock(language: nil), [.text(code)])
        case (false, false):
            add(.codeBlock(language: isLanguage ? info : nil), [.text(isLanguage ? code : "\(info)\n\(code)")])
        }
    }

    // MARK: Links

    /// A picture is a link to it: a page loads nothing from anywhere for a message.
    private mutating func endLink(_ node: Node) {
        let content = frames.removeLast().content
        openLinks -= 1
        let url = cmark_node_get_url(node).map { MarkdownSource.restored(String(cString: $0)) } ?? ""
        let words = FormattedText(content).plainText
        let isNamed = words.contains { !$0.isWhitespace }
        if openLinks > 0 {
            // A picture in a link: one link is enough.
            for part in content { add(part) }
        } else if let target = LinkTarget(url) {
            add(
                .link(url: target.url, host: isNamed && !target.isSaid(by: words) ? target.host : nil),
                isNamed ? content : [.text(target.url)])
        } else if LinkTarget.addresses(meantBy: words).contains(url) {
            for part in content { add(part) }
        } else {
            add("[")
            for part in content { add(part) }
            add("](\(url))")
        }
    }

    // MARK: Parts

    private mutating func push(_ element: FormattedElement) {
        frames.append(Frame(frames.count <= Markdown.Limits.depth ? element : nil))
    }

    private mutating func pop() {
        let frame = frames.removeLast()
        if let element = frame.element {
            add(element, frame.content)
        } else {
            for part in frame.content { add(part) }
        }
    }

    private mutating func add(_ part: FormattedPart) {
        switch part {
        case .text(let text): add(text)
        case .element(let element, let content): add(element, content)
        }
    }

    private mutating func add(_ text: String) { frames[frames.count - 1].add(text) }

    private mutating func add(_ element: FormattedElement, _ content: [FormattedPart]) {
        hasElements = true
        // It and the run of text before it.
        count += 2
        frames[frames.count - 1].add(element, content)
    }
}

extension String {
    fileprivate var droppingLastLineFeed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
