import ChatContracts
import Mustache
import Testing

@testable import GatewayService

@Suite struct PageTextTests {
    @Test(arguments: [
        "\"\u{301} onmouseover=alert(1) x=\"", "<\u{338}script>", "\u{600}\"><b>", "'\u{FE0F}", "&\u{20DD}lt;",
        "<script>alert('\"')</script>",
    ])
    func `no mark-up gets through, whatever it is combined with`(_ text: String) throws {
        let template = try MustacheTemplate(string: "{{text}}")
        let page = template.render(["text": PageText(text)])
        for scalar in page.unicodeScalars { #expect(!["<", ">", "\"", "'"].contains(scalar)) }
        for part in page.split(separator: "&").dropFirst(page.hasPrefix("&") ? 0 : 1) {
            #expect(["lt;", "gt;", "quot;", "#39;", "amp;"].contains { part.hasPrefix($0) })
        }
    }

    @Test func `other text stays as it is`() {
        for text in ["Zoë & Ørsted", "👩‍👩‍👧‍👦 é e\u{301}", "a < b", ""] { #expect(PageText(text).renderText == text) }
    }
}

@Suite struct PagePartTests {
    @Test(arguments: [
        ("/chatwith", true), ("/chatwithme/a?before=1#newest", true), ("//evil.example", false),
        ("/\\evil.example", false), ("https://evil.example", false), ("chatwith", false), ("/a\nb", false), ("", false),
        ("/ü", false),
    ])
    func `only local paths are returned to`(_ path: String, _ isLocal: Bool) {
        #expect((localPath(path) != nil) == isLocal)
    }

    @Test func `times are written for people`() {
        let moment = Timestamp("2026-11-23T09:05:07.000Z")!
        #expect(moment.clockText == "09:05")
        #expect(moment.dayText == "Monday, 23 November 2026")
        #expect(moment.shortText(now: Timestamp("2026-11-23T23:59:59.000Z")!) == "09:05")
        #expect(moment.shortText(now: Timestamp("2026-11-24T00:00:00.000Z")!) == "23 Nov")
        #expect(moment.shortText(now: Timestamp("2027-01-01T00:00:00.000Z")!) == "23 Nov 2026")
        #expect(Timestamp(milliseconds: -1).dayText == "Wednesday, 31 December 1969")
    }

    @Test func `past times are told in words that hold in every time zone`() {
        let now = Timestamp("2026-11-23T15:00:00.000Z")!
        for (moment, words) in [
            ("2026-11-23T14:59:30.000Z", "just now"), ("2026-11-23T15:00:09.000Z", "just now"),
            ("2026-11-23T14:59:00.000Z", "1 minute ago"), ("2026-11-23T14:01:00.000Z", "59 minutes ago"),
            ("2026-11-23T14:00:00.000Z", "1 hour ago"), ("2026-11-22T15:01:00.000Z", "23 hours ago"),
            ("2026-11-22T14:02:00.000Z", "yesterday at 14:02 UTC"),
            ("2026-11-21T14:02:00.000Z", "21 November at 14:02 UTC"),
            ("2025-11-21T14:02:00.000Z", "21 November 2025 at 14:02 UTC"),
        ] { #expect(Timestamp(moment)!.agoText(now: now) == words) }
        #expect(now.exactText == "Monday, 23 November 2026, 15:00:00 UTC")
        #expect(Timestamp("2026-11-23T15:00:40.000Z")!.waitText(now: now) == "in 40 seconds, at 15:00:40 UTC")
        #expect(Timestamp("2026-11-23T15:04:10.000Z")!.waitText(now: now) == "in 5 minutes, at 15:04:10 UTC")
        #expect(Timestamp("2026-11-23T15:00:01.000Z")!.waitText(now: now) == "in 1 second, at 15:00:01 UTC")
    }

    @Test func `initials stand for names`() {
        #expect(initials(of: "Ada Lovelace") == "AL")
        #expect(initials(of: "ada") == "A")
        #expect(initials(of: "Jean-Luc van Dam") == "JD")
        #expect(initials(of: "…") == "?")
        #expect(initials(of: "") == "?")
    }

    @Test func `browsers are named`() {
        #expect(
            browserName(userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
                == "Firefox on Linux")
        #expect(
            browserName(
                userAgent: "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0")
                == "Edge on Windows")
        #expect(browserName(userAgent: nil) == "Unknown browser")
        #expect(browserName(userAgent: "curl/8.0") == "curl")
    }

    @Test func `form fields are decoded`() {
        let form = FormFields("a=1+2&b=%C3%A9%0D%0A&c&d=%zz&a=second&e=x%3Dy=z")
        #expect(form["a"] == "1 2")
        #expect(form["b"] == "é\r\n")
        #expect(form["c"] == "")
        #expect(form["d"] == nil)
        #expect(form["e"] == "x=y=z")
        #expect(FormFields.decoded(FormFields.encoded("é/&=+ %\u{1F600}")) == "é/&=+ %\u{1F600}")
    }
}
