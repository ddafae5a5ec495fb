import Markdown
import Testing

/// Texts as people write them in a chat, and what they look like.
@Suite struct MarkdownTests {
    private func parts(_ text: String) -> [FormattedPart]? { Markdown.formatted(text)?.parts }

    private func strong(_ text: String) -> FormattedPart { .element(.strong, [.text(text)]) }

    private func link(_ url: String, _ words: String? = nil, host: String? = nil) -> FormattedPart {
        .element(.link(url: url, host: host), [.text(words ?? url)])
    }

    private func item(_ text: String) -> FormattedPart { .element(.item, [.text(text)]) }

    @Test func `words are bold, italic, struck out and code`() {
        #expect(
            parts("**Bold**, *italic* or _italic_, ~~gone~~ and `a < b`")
                == [
                    strong("Bold"), .text(", "), .element(.emphasis, [.text("italic")]), .text(" or "),
                    .element(.emphasis, [.text("italic")]), .text(", "), .element(.strike, [.text("gone")]),
                    .text(" and "), .element(.code, [.text("a < b")]),
                ])
        #expect(parts("***both***") == [.element(.emphasis, [strong("both")])])
    }

    @Test(arguments: [
        "", "Nine works.", "1 + 1 = 2", "10:30 at the café, 20 people", "snake_case_name and 2 * 3 * 4", "~5 or ~6",
        "¯\\_(ツ)_/¯", "-", "- ", "*", "1.", "+1", "> ", "# Title", "Title\n===", "Title\n---", "---", "***", "a\n\n\nb",
        "    four spaces", "\tand a tab\n  two", "<b>not bold</b>", "<script>alert(1)</script>", "<!-- nothing -->",
        "&lt;",
        "@wren", "a@b", "[x]", "[x]: y", "```word", "```", "C:\\Users\\me", "|a|b|\n|-|-|", "a [^1]", "~one~", "a:/b",
    ])
    func `what is no formatting stays as it was written`(text: String) {
        #expect(parts(text) == nil)
    }

    @Test func `a backslash keeps a mark where it would be formatting`() {
        #expect(parts("\\*so\\*") == [.text("*so*")])
        #expect(parts("\\*so\\* and **so**") == [.text("*so* and "), strong("so")])
    }

    @Test func `lines stay lines, and paragraphs are an empty line apart`() {
        #expect(parts("**a**\nb\n\n\nc") == [strong("a"), .text("\nb\n\nc")])
        #expect(parts("**a**  \nb\\\nc") == [strong("a"), .text("\nb\nc")])
        #expect(parts("**a**\r\nb") == [strong("a"), .text("\nb")])
    }

    @Test func `lists have bullets or numbers and can be nested`() {
        #expect(parts("- boots\n- batteries") == [.element(.list(start: nil), [item("boots"), item("batteries")])])
        #expect(parts("To do:\n* one") == [.text("To do:"), .element(.list(start: nil), [item("one")])])
        #expect(parts("3. three\n4. four") == [.element(.list(start: 3), [item("three"), item("four")])])
        #expect(
            parts("- a\n  - b")
                == [
                    .element(
                        .list(start: nil), [.element(.item, [.text("a"), .element(.list(start: nil), [item("b")])])])
                ])
    }

    @Test func `a line after a list or a quote belongs to neither`() {
        #expect(parts("- a\n- b\nThanks!") == [.element(.list(start: nil), [item("a"), item("b")]), .text("Thanks!")])
        #expect(parts("- a\n  still a") == [.element(.list(start: nil), [item("a\nstill a")])])
        #expect(
            parts("> Who has the key?\nI have.\nNow.")
                == [.element(.quote, [.text("Who has the key?")]), .text("I have.\nNow.")])
        #expect(parts("> a\n> b") == [.element(.quote, [.text("a\nb")])])
        #expect(parts("> a\n\n> b") == [.element(.quote, [.text("a")]), .element(.quote, [.text("b")])])
    }

    @Test func `code between fences stays as it is`() {
        #expect(
            parts("```swift\nlet a = \"**b**\"\n\n> x\ny [z]: w\n```\nSo.")
                == [
                    .element(.codeBlock(language: "swift"), [.text("let a = \"**b**\"\n\n> x\ny [z]: w")]),
                    .text("So."),
                ])
        #expect(parts("~~~\n- a\nb") == [.element(.codeBlock(language: nil), [.text("- a\nb")])])
        #expect(
            parts("```let a = 1\nb```\nSo.")
                == [.element(.codeBlock(language: nil), [.text("let a = 1\nb")]), .text("So.")])
        #expect(parts("**a**\n\n```sh") == [strong("a"), .text("\n\n```sh")])
        #expect(parts("`a[0]: b`") == [.element(.code, [.text("a[0]: b")])])
    }

    @Test func `what only documents have stays as it was written beside formatting`() {
        #expect(parts("# Title **a**") == [.text("# Title "), strong("a")])
        #expect(parts("**Title**\n=====") == [strong("Title"), .text("\n=====")])
        #expect(parts("**a**\n\n* * *\n\nb") == [strong("a"), .text("\n\n* * *\n\nb")])
        #expect(parts("**a**\n\n    indented\n      more") == [strong("a"), .text("\n\n    indented\n      more")])
        #expect(parts("**a** <i onclick=x>b</i>") == [strong("a"), .text(" <i onclick=x>b</i>")])
        #expect(parts("**a**\n\n<div>\n*b*\n</div>") == [strong("a"), .text("\n\n<div>\n*b*\n</div>")])
        #expect(
            parts("**a**\n\n[x]: https://example.org") == [
                strong("a"), .text("\n\n[x]: "), link("https://example.org"),
            ])
    }

    @Test func `addresses are links`() {
        #expect(
            parts("See https://example.org/a_b_c(d)?x=1&y=2#z, or (http://localhost:8080/).")
                == [
                    .text("See "), link("https://example.org/a_b_c(d)?x=1&y=2#z"), .text(", or ("),
                    link("http://localhost:8080/"), .text(")."),
                ])
        #expect(parts("www.example.org") == [link("http://www.example.org", "www.example.org")])
        #expect(parts("Wren.Marsh@example.org") == [link("mailto:Wren.Marsh@example.org", "Wren.Marsh@example.org")])
        #expect(parts("<https://example.org>") == [link("https://example.org")])
        #expect(parts("**https://example.org/x**") == [.element(.strong, [link("https://example.org/x")])])
    }

    @Test func `a link with a name says where it leads`() {
        #expect(
            parts("[the plan](https://example.org/plan)")
                == [link("https://example.org/plan", "the plan", host: "example.org")])
        #expect(
            parts("[bank.example](https://other.example/)")
                == [link("https://other.example/", "bank.example", host: "other.example")])
        #expect(parts("[https://a.example](https://a.example)") == [link("https://a.example")])
        #expect(
            parts("![a bird](https://example.org/b.png)")
                == [link("https://example.org/b.png", "a bird", host: "example.org")])
        #expect(parts("[](https://example.org)") == [link("https://example.org")])
        #expect(
            parts("[![a](https://a.example/i)](https://b.example/)")
                == [link("https://b.example/", "a", host: "b.example")])
    }

    @Test func `a host with letters that look like others is shown in ASCII`() {
        // The first letter is Cyrillic.
        #expect(
            parts("https://аpple.com/") == [
                link("https://xn--pple-43d.com/", "https://аpple.com/", host: "xn--pple-43d.com")
            ])
        #expect(parts("https://example.org/ü") == [link("https://example.org/%C3%BC", "https://example.org/ü")])
    }

    @Test(arguments: [
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"), ("[x](data:text/html,y)", "[x](data:text/html,y)"),
        ("[x](//example.org)", "[x](//example.org)"), ("[x](/logout)", "[x](/logout)"),
        ("[bank](https://bank.example@other.example)", "[bank](https://bank.example@other.example)"),
        ("<vbscript:x>", "vbscript:x"), ("ftp://example.org/x", "ftp://example.org/x"),
        ("[x](mailto:a@b.example?body=hello)", "[x](mailto:a@b.example?body=hello)"),
    ])
    func `what may be no link is text`(text: String, shown: String) {
        #expect(parts("**a** " + text) == [strong("a"), .text(" " + shown)])
    }

    @Test func `an address with a user name is text`() {
        #expect(parts("https://bank.example@other.example/x") == nil)
        #expect(parts("https://user:secret@example.org/") == nil)
    }

    @Test func `the words alone are for previews`() {
        #expect(Markdown.plainText("**Bring** [boots](https://example.org) and `x`") == "Bring boots and x")
        #expect(Markdown.plainText("To do:\n- one\n- two\n\nThanks") == "To do:\none\ntwo\nThanks")
        #expect(Markdown.plainText("> Key?\nYes") == "Key?\nYes")
        #expect(Markdown.plainText("```\na\n```") == "a")
        #expect(Markdown.plainText("as it is_") == "as it is_")
    }
}
