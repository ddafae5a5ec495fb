import ChatContracts
import Foundation
import Markdown
import Testing

@testable import GatewayService

@Suite struct FormattedHTMLTests {
    private func html(_ text: String) -> String? {
        Markdown.formatted(text).map { FormattedHTML($0, viewer: viewer).html }
    }

    private let viewer = UserID(high: 1, low: 1)

    @Test func `mentions lead to people, and those of whoever sees them stand out`() {
        func html(_ user: UserID?, _ name: String) -> String {
            FormattedHTML(
                FormattedText([.element(.mention(user: user?.description), [.text(name)])]), viewer: viewer
            ).html
        }
        #expect(html(viewer, "@Ada") == "<a class=\"mention me\" href=\"/chatwithme/Ada\">@Ada</a>")
        #expect(html(.random(), "@j.s_") == "<a class=\"mention\" href=\"/chatwithme/j.s_\">@j.s_</a>")
        #expect(html(nil, "@all") == "<span class=\"mention me\">@all</span>")
    }

    @Test func `each element has its tag, and texts are escaped`() {
        #expect(
            html("**a** _b_ ~~c~~ `<d>` & \"e\"")
                == "<strong>a</strong> <em>b</em> <s>c</s> <code>&lt;d&gt;</code> &amp; &quot;e&quot;")
        #expect(html("- a\n- b") == "<ul><li>a</li><li>b</li></ul>")
        #expect(html("1. a\n\n> b") == "<ol><li>a</li></ol><blockquote>b</blockquote>")
        #expect(html("4. a") == "<ol start=\"4\"><li>a</li></ol>")
        #expect(html("```c++\na < b\n```") == "<pre tabindex=\"0\" data-language=\"c++\"><code>a &lt; b</code></pre>")
        #expect(
            html("[a](https://example.org/?x=1&y='2')")
                == "<a href=\"https://example.org/?x=1&amp;y=&#39;2&#39;\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">"
                + "a</a><span class=\"link-host\"> (example.org)</span>")
    }

    @Test(arguments: [
        "**\"\u{301} onmouseover=alert(1) x=\"\u{301}**", "`<\u{338}script>`", "**<b>**", "```\"><script>\nx\n```",
        "- <\u{FE0F}img>",
        "[\"\u{301}](https://example.org/\"\u{301}onclick=x)", "> </blockquote><script>",
    ])
    func `no mark-up gets through, whatever it is combined with`(_ text: String) throws {
        let html = try #require(self.html(text))
        let tags = html.unicodeScalars.split(separator: "<").dropFirst(html.hasPrefix("<") ? 0 : 1).map {
            String($0.prefix { $0 != ">" && $0 != " " })
        }
        let known = ["strong", "em", "s", "code", "ul", "ol", "li", "blockquote", "pre", "a", "span"]
        for tag in tags {
            #expect(known.contains(tag) || tag.hasPrefix("/") && known.contains(String(tag.dropFirst())))
        }
        #expect(!html.contains("<script"))
    }

    @Test func `only a message with formatting has it in its JSON`() throws {
        var message = Message(
            conversation: .init(high: 0, low: 1), seq: 1, rev: 1, sender: .init(high: 0, low: 2),
            clientMessageId: .init(high: 0, low: 3), text: "10:30, *so*", sentAt: .now)
        func json() throws -> String { String(decoding: try JSONEncoder().encode(message), as: UTF8.self) }
        #expect(try json().contains(#""formatted":["10:30, ",{"#))
        message.text = "10:30, so"
        #expect(try !json().contains("formatted"))
        message.text = "*so*"
        message.kind = .system
        #expect(try !json().contains("formatted"))
    }
}
