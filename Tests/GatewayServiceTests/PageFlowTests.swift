import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import Testing

@testable import GatewayService

@Suite struct PageFlowTests {
    /// The value of a form's field in a page.
    private func field(_ name: String, in page: String) -> String? {
        guard let start = page.firstRange(of: "name=\"\(name)\" value=\"")?.upperBound else { return nil }
        return String(page[start...].prefix { $0 != "\"" })
    }

    private func signUp(_ name: String, in browser: Browser) async throws {
        let answer = try await browser.submit(
            "/signup", ["username": name, "displayName": "", "password": "a long password"])
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == "/chatwith")
    }

    @Test func `two people chat without any script`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let bob = ada.other()
            try await signUp("bob", in: bob)
            let list = try await ada.get("/chatwith")
            #expect(list.status == .ok)
            #expect(list.text.contains("/chatwithme/bob"))

            let empty = try await ada.get("/chatwithme/bob")
            let id = try #require(field("clientMessageId", in: empty.text))
            let form = ["text": "Hello <b>Bob</b>\r\nsecond line", "clientMessageId": id]
            for _ in 0..<3 {
                let sent = try await ada.submit("/chatwithme/bob", form)
                #expect(sent.status == .seeOther)
                #expect(sent.headers[.location] == "/chatwithme/bob#newest")
            }
            let unread = try await bob.get("/chatwith")
            #expect(unread.text.contains("class=\"badge\">1"))
            let page = try await bob.get("/chatwithme/ada")
            #expect(page.text.contains("Hello &lt;b&gt;Bob&lt;/b&gt;\nsecond line"))
            #expect(page.text.components(separatedBy: "second line</p>").count == 2)
            #expect(page.text.contains("class=\"new-divider\" id=\"new\"><span>1 new message</span>"))
            // Having been shown is not having been read; saying so is.
            #expect(try await bob.get("/chatwith").text.contains("class=\"badge\">1"))
            #expect(try await ada.get("/chatwithme/bob").text.contains("data-state=\"sent\""))
            let readUpTo = try #require(field("readUpTo", in: page.text))
            let read = try await bob.submit("/chatwithme/ada/read", ["readUpTo": readUpTo])
            #expect(read.status == .seeOther)
            #expect(read.headers[.location] == "/chatwithme/ada#new")
            #expect(try await bob.get("/chatwith").text.contains("class=\"badge\">1") == false)
            #expect(try await ada.get("/chatwithme/bob").text.contains("data-state=\"read\""))
        }
    }

    @Test func `a long conversation is shown page by page`() async throws {
        let gateway = try await TestGateway { $0.sendRate = Rate(perSecond: 1_000, burst: 1_000) }
        try await gateway.test { ada in
            try await signUp("ada", in: ada)
            try await signUp("bob", in: ada.other())
            let conversation = try await ada.open("bob")
            for number in 1...120 { try await ada.say("message \(number).", in: conversation.id) }
            let newest = try await ada.get("/chatwithme/bob").text
            #expect(
                newest.contains("message 120.") && newest.contains("message 71.") && !newest.contains("message 70."))
            #expect(newest.contains("/chatwithme/bob?before=71"))
            let older = try await ada.get("/chatwithme/bob?before=71").text
            #expect(older.contains("message 70.") && older.contains("message 21.") && !older.contains("message 71."))
            let oldest = try await ada.get("/chatwithme/bob?before=21").text
            #expect(oldest.contains("message 1.") && !oldest.contains("?before="))
            let first = try #require(oldest.firstRange(of: "message 1."))
            let second = try #require(oldest.firstRange(of: "message 2."))
            #expect(first.lowerBound < second.lowerBound)
        }
    }

    @Test func `who is not signed in comes back to the page after signing in`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let stranger = ada.other()
            let turned = try await stranger.get("/chatwithme/bob?before=7")
            #expect(turned.status == .seeOther)
            #expect(turned.headers[.location] == "/signin?next=%2Fchatwithme%2Fbob%3Fbefore%3D7")
            let page = try await stranger.get("/signin?next=%2Fchatwithme%2Fbob%3Fbefore%3D7")
            let next = try #require(field("next", in: page.text))
            let wrong = try await stranger.submit("/signin", ["username": "ada", "password": "wrong", "next": next])
            #expect(wrong.status == .unauthorized)
            #expect(field("username", in: wrong.text) == "ada")
            #expect(field("next", in: wrong.text) == next)
            let right = try await stranger.submit(
                "/signin", ["username": "ada", "password": "a long password", "next": next])
            #expect(right.status == .seeOther)
            #expect(right.headers[.location] == next)
            let elsewhere = try await ada.other().submit(
                "/signin", ["username": "ada", "password": "a long password", "next": "//evil.example/"])
            #expect(elsewhere.headers[.location] == "/chatwith")
        }
    }

    @Test func `signing out takes a form, and the session is dead`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let token = ada.token
            #expect(try await ada.get("/logout_chat").text.contains("action=\"/logout_chat\""))
            #expect(try await ada.get("/chatwith").status == .ok)
            #expect(try await ada.submit("/logout_chat", [:]).status == .seeOther)
            ada.token = token
            #expect(try await ada.get("/chatwith").status == .seeOther)
        }
    }

    @Test func `a text that is refused stays in the form under the same id`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { ada in
            try await signUp("ada", in: ada)
            try await signUp("bob", in: ada.other())
            let id = ClientMessageID.random().description
            let long = String(repeating: "é", count: 4_001)
            let tooLong = try await ada.submit("/chatwithme/bob", ["text": long, "clientMessageId": id])
            #expect(tooLong.status == .unprocessableContent)
            #expect(tooLong.text.contains(long))
            #expect(field("clientMessageId", in: tooLong.text) == id)

            let unknown = try await ada.submit("/chatwithme/nobody", ["text": "keep me", "clientMessageId": id])
            #expect(unknown.status == .notFound)
            #expect(unknown.text.contains("keep me"))
            #expect(unknown.text.contains("nobody called nobody"))

            gateway.chat.withState { $0.failure = Problem(.notSent, of: .command) }
            let away = try await ada.submit("/chatwithme/bob", ["text": "keep me too", "clientMessageId": id])
            #expect(away.status == .serviceUnavailable)
            #expect(away.headers[.retryAfter] != nil)
            #expect(away.text.contains("keep me too"))
            #expect(field("clientMessageId", in: away.text) == id)
        }
    }

    @Test func `pages load and say so while the broker is away`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { ada in
            try await signUp("ada", in: ada)
            gateway.chat.withState { $0.failure = Problem(.notSent, of: .query) }
            for path in ["/chatwith", "/chatwithme/bob", "/account"] {
                let page = try await ada.get(path)
                #expect(page.status == .serviceUnavailable, "\(path)")
                #expect(page.headers[.contentType] == "text/html; charset=utf-8")
                #expect(page.text.contains("cannot be reached right now"), "\(path)")
                #expect(page.text.contains("ada"))
            }
            gateway.chat.withState { $0.failure = nil }
            #expect(try await ada.get("/chatwith").status == .ok)
        }
    }

    @Test func `unknown pages and receivers are 404 pages`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let nowhere = try await ada.get("/nowhere")
            #expect(nowhere.status == .notFound)
            #expect(nowhere.text.contains("Nothing has landed here"))
            let nobody = try await ada.get("/chatwithme/nobody")
            #expect(nobody.status == .notFound)
            #expect(nobody.text.contains("nobody called nobody"))
        }
    }

    @Test func `one's own name leads to notes, which are written and read like any conversation`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let empty = try await ada.get("/chatwithme/ada")
            #expect(empty.status == .ok && empty.text.contains("Only you see what you write here."))
            #expect(empty.text.contains("<h2 dir=\"auto\">Note to self</h2>"))
            let id = ClientMessageID.random().description
            let sent = try await ada.submit("/chatwithme/ada", ["text": "Milk", "clientMessageId": id])
            #expect(sent.status == .seeOther)
            let page = try await ada.get("/chatwithme/ada").text
            #expect(page.contains("Milk") && page.contains("Sent") && !page.contains("Delivered"))
            #expect(try await ada.get("/chatwith").text.contains("title=\"Note to self\""))
        }
    }

    @Test func `the account page changes the name and the password and ends sessions`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let renamed = try await ada.submit("/account", ["displayName": "Ada L.", "about": "Sums & <b>engines</b>"])
            #expect(renamed.headers[.location] == "/account?saved=profile#profile")
            let account = try await ada.get("/account").text
            #expect(account.contains("Ada L.") && account.contains(">Sums &amp; &lt;b&gt;engines&lt;/b&gt;</textarea>"))
            let tooLong = String(repeating: "x", count: 161)
            let refused = try await ada.submit("/account", ["displayName": "Ada", "about": tooLong])
            #expect(refused.status == .unprocessableContent && refused.text.contains(">\(tooLong)</textarea>"))
            #expect(refused.text.contains("aria-describedby=\"about-hint about-error\""))
            #expect(try await ada.submit("/account", ["displayName": ""]).status == .unprocessableContent)
            let weak = try await ada.submit(
                "/account/password", ["currentPassword": "a long password", "newPassword": "short"])
            #expect(weak.status == .unprocessableContent)
            let other = ada.other()
            _ = try await other.submit("/signin", ["username": "ada", "password": "a long password"])
            #expect(try await ada.submit("/account/sessions/end", ["others": "1"]).status == .seeOther)
            #expect(try await other.get("/account").status == .seeOther)
            let changed = try await ada.submit(
                "/account/password", ["currentPassword": "a long password", "newPassword": "a longer password"])
            #expect(changed.headers[.location] == "/account?saved=password#password")
            #expect(try await ada.get("/account").status == .ok)
        }
    }

    @Test func `forms of other sites are refused`() async throws {
        try await TestGateway().test { ada in
            try await signUp("ada", in: ada)
            let answer = try await ada.send(
                .post, "/logout_chat", body: "", type: "application/x-www-form-urlencoded",
                headers: [.secFetchSite: "cross-site"])
            #expect(answer.status == .forbidden)
            #expect(try await ada.get("/chatwith").status == .ok)
        }
    }

    @Test func `assets are kept for ever under their version only`() async throws {
        let gateway = try await TestGateway()
        let assets = gateway.gateway.site.assets
        try await gateway.test { browser in
            let path = "martlet.svg"
            let answer = try await browser.get("/assets/\(assets.version)/\(path)")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "image/svg+xml")
            #expect(answer.headers[.cacheControl] == "public, max-age=31536000, immutable")
            let etag = try #require(answer.headers[.eTag])
            let again = try await browser.send(
                .get, "/assets/\(assets.version)/\(path)", headers: [.ifNoneMatch: etag])
            #expect(again.status == .notModified)
            #expect(try await browser.get("/assets/old/\(path)").headers[.cacheControl] == "no-cache")
            for wrong in ["../openapi.json", "%2e%2e/openapi.json", "nothing.js", ""] {
                #expect(try await browser.get("/assets/\(assets.version)/\(wrong)").status == .notFound)
            }
        }
    }
}
