import ChatContracts
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import GatewayService

/// What the forms of sign-up, sign-in, account and sign-out say.
@Suite struct FormPageTests {
    /// The element of a form's field.
    private func input(_ name: String, in page: String) -> Substring {
        guard let start = page.firstRange(of: "name=\"\(name)\"")?.lowerBound else { return "" }
        let before = page[..<start].lastIndex(of: "<") ?? start
        return page[before...].prefix { $0 != ">" }
    }

    private func form(_ browser: Browser, _ path: String, _ fields: [String: String]) async throws -> String {
        try await browser.submit(path, fields).text
    }

    @Test func `an error of sign-up stands at its field, with what was typed kept`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            try await ada.other().register("ada2")
            let taken = try await form(
                ada.other(), "/signup", ["username": "ADA", "displayName": "Ada", "password": "a long password"])
            #expect(input("username", in: taken).contains("aria-describedby=\"username-hint username-error\""))
            #expect(input("username", in: taken).contains("aria-invalid=\"true\""))
            #expect(taken.contains("id=\"username-error\">This username is taken. “ADA3” is free.</p>"))
            #expect(taken.contains("value=\"ADA\""))
            #expect(!input("password", in: taken).contains("invalid") && !taken.contains("a long password"))
            let weak = try await form(
                ada.other(), "/signup", ["username": "bob", "displayName": "Bob", "password": "short"])
            #expect(input("password", in: weak).contains("aria-describedby=\"password-hint password-error\""))
            #expect(weak.contains("id=\"password-error\">Too short.</p>") && !weak.contains("form-error"))
            #expect(weak.contains("value=\"bob\"") && weak.contains("value=\"Bob\""))
        }
    }

    @Test func `an error of the account page stands at its field`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let nameless = try await form(ada, "/account", ["displayName": ""])
            #expect(input("displayName", in: nameless).contains("aria-describedby=\"display-name-error\""))
            let wrong = try await form(
                ada, "/account/password", ["currentPassword": "wrong", "newPassword": "another password"])
            #expect(wrong.contains("form-error"), "the fake names no field, so it stands above the forms")
            let weak = try await form(
                ada, "/account/password", ["currentPassword": "a long password", "newPassword": "short"])
            #expect(
                input("newPassword", in: weak).contains("aria-describedby=\"new-password-hint new-password-error\""))
            #expect(!weak.contains("form-error"))
        }
    }

    @Test func `a limit on attempts says until when`() async throws {
        let gateway = try await TestGateway { $0.attemptRate = Rate(perSecond: 0.01, burst: 1) }
        try await gateway.test { ada in
            _ = try await ada.submit("/signin", ["username": "ada", "password": "wrong"])
            let limited = try await ada.submit("/signin", ["username": "ada", "password": "wrong"])
            #expect(limited.status == .tooManyRequests)
            #expect(limited.text.contains(/\. Try again <time datetime="2[^"]+Z" title="[^"]+ UTC"/))
            #expect(limited.text.contains(/>in 2 minutes, at \d\d:\d\d:\d\d UTC<\/time>\./))
        }
    }

    @Test func `a session that was ended says so at the sign-in, in fixed words`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { ada in
            let words = "You were signed out because this session was ended."
            try await ada.register("ada")
            let token = ada.token
            _ = try await ada.submit("/logout_chat", [:])
            let signedOut = try await ada.get("/signin").text
            #expect(!signedOut.contains(words), "whoever signed out knows")
            ada.token = token
            #expect(try await ada.get("/signin?next=%2Faccount").text.contains(words))
            let stranger = ada.other()
            #expect(try await stranger.get("/signin?reason=ended").text.contains(words))
            let made = try await stranger.get("/signin?reason=%3Cb%3ECall+us").text
            #expect(!made.contains("Call us") && !made.contains("form-note"))
        }
    }

    @Test func `signing out asks the browser to delete what it stored, and keeps other cookies`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let answer = try await ada.submit("/logout_chat", [:])
            #expect(answer.headers[.init("Clear-Site-Data")!] == "\"storage\"")
        }
    }

    @Test func `times on the account page are words`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let page = try await ada.get("/account").text
            let said = page.replacing(/<[^>]*>/, with: "")
            #expect(said.contains("Signed in just now, last used just now"))
            #expect(!said.contains(/\d{4}-\d\d-\d\dT/))
            #expect(page.contains(/title="[A-Z][a-z]+day, \d+ [A-Z][a-z]+ 20\d\d, \d\d:\d\d:\d\d UTC"/))
        }
    }
}
