import JSON
import Testing

@testable import Markdown

/// Texts that want to cost much, hide something or break out.
@Suite(.timeLimit(.minutes(5))) struct MarkdownLimitTests {
    /// Stretches that have cost parsers of Markdown much when repeated.
    private static let stretches = [
        "*", "**a ", "_", "*a_ ", "a**b", "[", "[a](", "[a](<b", "![[]()", ">", "> ", "> > ", "- ", "* ", "1. ", "`",
        "`a``", "~~a ",
        "<", "<a ", "<!--", "&", "&a;", "http://", "www.", "a@", "a@b.", "a@b.c ", "\\", "\\*", "[a]: b\n", "[]", "](",
        "*_~`[", "a\n", "\n>", "\n- ", "\n  - ", "\n```", "\n```\n", "mailto:", "www.a(", "***a** b* ", "[*a](b)*",
        "\t",
        "|-", "&#x1f600;", "\n1. ", "\n\n- a", "https://a.b/c ", "<https://", "~", "\n    - ", "é", "\u{301}", "👩‍👩‍👧",
    ]

    @Test func `no text of the longest length is slow, deep or large`() {
        for stretch in Self.stretches {
            let text = String(repeating: stretch, count: 16_384 / stretch.utf8.count)
            let clock = ContinuousClock()
            var formatted: FormattedText?
            // Generous: it is there for what grows with the square, which takes seconds.
            let time = clock.measure { formatted = Markdown.formatted(text) }
            #expect(time < .milliseconds(500), "\(stretch)")
            guard let formatted else { continue }
            #expect(Self.depth(of: formatted.parts) <= 13, "\(stretch)")
            var json: [UInt8] = []
            formatted.append(to: &json)
            #expect(json.count < 200_000, "\(stretch)")
        }
    }

    @Test func `random texts keep their words and hold no other link`() {
        var source = SystemRandomNumberGenerator()
        let alphabet =
            Self.stretches + ["word ", " ", "\n", "\n\n", ")", "](https://x.example)", "x", "7", "\"", "'", "&quot;"]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...30, using: &source)).map { _ in alphabet.randomElement(using: &source)! }
                .joined()
            guard let formatted = Markdown.formatted(text) else { continue }
            // Entities and addresses aside, a word that was written is seen.
            let shown = formatted.plainText + Self.languages(in: formatted.parts).joined()
            #expect(
                shown.components("word") >= text.components("word"),
                "\(text.debugDescription): \(shown.debugDescription)")
            Self.forEachLink(in: formatted.parts) { url in
                #expect(
                    ["http://", "https://", "mailto:"].contains(where: url.lowercased().hasPrefix)
                        && url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(url)")
            }
        }
    }

    @Test func `what is not given to the parser has no formatting`() throws {
        var source = SystemRandomNumberGenerator()
        let alphabet = [
            "- ", "-", "+", "1. ", "23) ", "4.", "> ", ">", "www.", "w.a", ":", "//", "a", " ", "\n", "\t", "  ", "b.c",
            "!", "<", "&",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...8, using: &source)).map { _ in alphabet.randomElement(using: &source)! }
                .joined()
            guard !Markdown.mayBeFormatted(text) else { continue }
            let parsed = Markdown.parse(try #require(MarkdownSource(text)))
            #expect(parsed?.hasElements != true, "\(text.debugDescription)")
        }
    }

    @Test func `many threads at once get the same as one`() async {
        let texts = ["**a** ~~b~~ www.example.org", "plain", "- a\n- ~~b~~", "https://example.org ~~x~~", "`a` _b_"]
        let expected = texts.map { Markdown.formatted($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<400).allSatisfy { round in
                        Markdown.formatted(texts[round % texts.count]) == expected[round % texts.count]
                    }
                }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test func `its JSON says what each part is`() throws {
        var json: [UInt8] = []
        let text = "**a** \"q\"\n\n> b\n\n2. [c](https://example.org)\n\n```js\nd\n```"
        try #require(Markdown.formatted(text)).append(to: &json)
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"[{"type":"strong","content":["a"]}," \"q\"",{"type":"quote","content":["b"]},"#
                + #"{"type":"list","start":2,"content":[{"type":"item","content":[{"type":"link","#
                + #""url":"https://example.org","host":"example.org","content":["c"]}]}]},"#
                + #"{"type":"code-block","language":"js","content":["d"]}]"#)
    }

    private static func depth(of parts: [FormattedPart]) -> Int {
        parts.map { part in
            if case .element(_, let content) = part { 1 + depth(of: content) } else { 0 }
        }.max() ?? 0
    }

    private static func languages(in parts: [FormattedPart]) -> [String] {
        parts.flatMap { part -> [String] in
            guard case .element(let element, let content) = part else { return [] }
            if case .codeBlock(let language?) = element { return [language] }
            return languages(in: content)
        }
    }

    private static func forEachLink(in parts: [FormattedPart], _ body: (String) -> Void) {
        for case .element(let element, let content) in parts {
            if case .link(let url, _) = element { body(url) }
            forEachLink(in: content, body)
        }
    }
}

extension String {
    /// How often a word is in it.
    fileprivate func components(_ word: String) -> Int {
        split(separator: word, omittingEmptySubsequences: false).count - 1
    }
}
