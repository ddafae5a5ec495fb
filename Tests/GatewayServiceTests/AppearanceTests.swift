import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MongoStore
import Testing

@testable import GatewayService

/// Theme and text size: what the cookie may say, who may set it, and which pages heed it.
@Suite struct AppearanceTests {
    private let cookie = AppearanceCookie(
        like: SessionCookie(isSecure: false, sameSite: .lax, maximumAge: .seconds(60)))

    private func root(of page: String) -> Substring {
        guard let start = page.firstRange(of: "<html") else { return "" }
        return page[start.lowerBound...].prefix { $0 != ">" }
    }

    @Test func `what is set is what comes back`() throws {
        for theme in Appearance.Theme.allCases {
            for size in Appearance.TextSize.allCases {
                let wanted = Appearance(theme: theme, textSize: size)
                let pair = try #require(cookie.header(setting: wanted).split(separator: ";").first)
                #expect(cookie.appearance(in: [.cookie: "martlet=abc; \(pair)"]) == wanted)
            }
        }
        let header = cookie.header(setting: Appearance(theme: .dark, textSize: .large))
        #expect(header == "martlet-appearance=dark.large; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
        let secure = AppearanceCookie(like: SessionCookie(isSecure: true, sameSite: .lax, maximumAge: .seconds(60)))
        #expect(secure.header(setting: Appearance()).hasPrefix("__Host-martlet-appearance=system.normal; "))
        #expect(secure.header(setting: Appearance()).hasSuffix("; Secure"))
    }

    @Test(arguments: [
        "", "dark", "dark.", ".large", "dark.large.", "dark.huge", "Dark.large", "dark. large", "dark%2Elarge", "1.1",
        "dark.large\" onload=\"x", "théme.large", String(repeating: "d", count: 4_000),
    ])
    func `a cookie with anything but known values counts as none`(_ value: String) async throws {
        #expect(cookie.appearance(in: [.cookie: "martlet-appearance=\(value)"]) == Appearance())
        try await TestGateway().test { ada in
            let page = try await ada.send(.get, "/signin", headers: [.cookie: "martlet-appearance=\(value)"])
            #expect(page.status == .ok && root(of: page.text).hasSuffix("class=\"\""))
            #expect(page.text.contains("<meta name=\"color-scheme\" content=\"light dark\">"))
        }
    }

    @Test func `every page begins with what was chosen, also before anybody has signed in`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let own = try #require(ada.token)
            let chosen = "martlet-appearance=dark.large"
            for (path, cookies) in [
                ("/signin", chosen), ("/signup", chosen), ("/nowhere", chosen),
                ("/chatwith", "martlet=\(own); \(chosen)"),
                ("/chatwithme/nobody", "\(chosen); martlet=\(own)"), ("/account", "martlet=\(own);\(chosen)"),
                ("/logout_chat", "martlet=\(own); \(chosen)"),
            ] {
                let page = try await ada.client.execute(uri: path, method: .get, headers: [.cookie: cookies]) { $0 }
                    .text
                #expect(root(of: page).hasSuffix("class=\"text-large theme-dark\""), "\(path)")
                #expect(page.contains("<meta name=\"color-scheme\" content=\"dark\">"), "\(path)")
                #expect(page.matches(of: /name="theme-color" content="#0a1211"/).count == 2, "\(path)")
            }
        }
    }

    @Test func `the form sets the cookie, for those who are signed in and for values that exist`() async throws {
        try await TestGateway().test { ada in
            let wanted = ["theme": "light", "textSize": "small"]
            let stranger = try await ada.submit("/account/appearance", wanted)
            #expect(stranger.headers[.location] == "/signin?next=%2Faccount" && stranger.headers[.setCookie] == nil)
            try await ada.register("ada")
            let saved = try await ada.submit("/account/appearance", wanted)
            #expect(saved.status == .seeOther)
            #expect(saved.headers[.location] == "/account?saved=appearance#appearance")
            #expect(
                saved.headers[values: .setCookie] == [cookie.header(setting: .init(theme: .light, textSize: .small))])
            for form in [
                [:], ["theme": "dark"], ["theme": "dark", "textSize": "12"], ["theme": "<b>", "textSize": "small"],
            ] {
                let refused = try await ada.submit("/account/appearance", form)
                #expect(refused.status == .unprocessableContent, "\(form)")
                #expect(refused.headers[.setCookie] == nil)
                #expect(refused.text.contains("no such appearance"))
            }
        }
    }

    @Test func `the settings show what is chosen`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let cookies = "martlet=\(ada.token ?? ""); martlet-appearance=light.normal"
            let page = try await ada.client.execute(uri: "/account", method: .get, headers: [.cookie: cookies]) { $0 }
                .text
            #expect(page.split(separator: " checked").count - 1 == 2)
            #expect(page.contains("name=\"theme\" value=\"light\" checked"))
            #expect(page.contains("name=\"textSize\" value=\"normal\" checked"))
        }
    }
}

/// Pages about problems.
@Suite struct ErrorPageTests {
    @Test func `while the server cannot answer, a page tries again by itself, and a form does not`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { ada in
            try await ada.register("ada")
            gateway.store.fail(with: MongoError(.unavailable, message: "away"))
            ada.token = SessionToken.random().text
            let page = try await ada.get("/account")
            #expect(page.status == .serviceUnavailable)
            #expect(page.text.contains("<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"))
            #expect(page.text.contains("What was sent is safe"))
            #expect(page.text.contains(/reference <code>[0-9a-f]{32}<\/code>/))
            #expect(page.text.contains("/app/retry/main.js"))
            let form = try await ada.submit("/account", ["displayName": "Ada"])
            #expect(form.status == .serviceUnavailable)
            #expect(!form.text.contains("http-equiv") && !form.text.contains("/app/retry/main.js"))
        }
    }

    @Test func `what does not exist has no reference, and nothing that tells more`() async throws {
        try await TestGateway().test { ada in
            let page = try await ada.get("/nowhere")
            #expect(page.text.contains("Both look the same from outside"))
            #expect(!page.text.contains("reference <code>") && !page.text.contains("There is nothing here."))
        }
    }
}
