import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import MongoStore
import Testing

@testable import GatewayService

@Suite struct AccountAPITests {
    @Test func `signing up signs in, and signing out ends it`() async throws {
        try await TestGateway().test { browser in
            let user = try await browser.register("ada")
            let token = try #require(browser.token)
            #expect(try await browser.get("/api/v1/account").decode(User.self) == user)
            #expect(try await browser.send(.delete, "/api/v1/session").status == .noContent)
            #expect(browser.token == nil)
            browser.token = token
            #expect(try await browser.get("/api/v1/account").status == .unauthorized)
        }
    }

    @Test func `signing in again gives another token, and the old one is worth nothing`() async throws {
        try await TestGateway().test { browser in
            try await browser.register("ada")
            let first = try #require(browser.token)
            let answer = try await browser.post("/api/v1/session", #"{"username":"ADA","password":"a long password"}"#)
            #expect(answer.status == .ok)
            let second = try #require(browser.token)
            #expect(first != second)
            browser.token = first
            #expect(try await browser.get("/api/v1/account").status == .unauthorized)
            browser.token = second
            #expect(try await browser.get("/api/v1/account").status == .ok)
        }
    }

    @Test func `a new password ends all other sessions`() async throws {
        try await TestGateway().test { browser in
            try await browser.register("ada")
            let other = browser.other()
            _ = try await other.post("/api/v1/session", #"{"username":"ada","password":"a long password"}"#)
            #expect(try await other.get("/api/v1/account").status == .ok)
            let before = browser.token
            let answer = try await browser.post(
                "/api/v1/account/password",
                #"{"currentPassword":"a long password","newPassword":"a longer password"}"#)
            #expect(answer.status == .noContent)
            #expect(browser.token != before)
            #expect(try await browser.get("/api/v1/account").status == .ok)
            #expect(try await other.get("/api/v1/account").status == .unauthorized)
        }
    }

    @Test func `sessions are listed and ended one by one and together`() async throws {
        try await TestGateway().test { browser in
            try await browser.register("ada")
            let others = [browser.other(), browser.other(), browser.other()]
            for other in others {
                _ = try await other.post("/api/v1/session", #"{"username":"ada","password":"a long password"}"#)
            }
            let list = try await browser.get("/api/v1/sessions").decode(SessionList.self).sessions
            #expect(list.count == 4)
            #expect(list.filter(\.isCurrent).count == 1)
            let victim = SessionToken(try #require(others[0].token))!.key.description
            #expect(try await browser.send(.delete, "/api/v1/sessions/\(victim)").status == .noContent)
            #expect(try await browser.send(.delete, "/api/v1/sessions/\(victim)").status == .notFound)
            #expect(try await others[0].get("/api/v1/account").status == .unauthorized)
            #expect(try await others[1].get("/api/v1/account").status == .ok)
            #expect(try await browser.send(.delete, "/api/v1/sessions").status == .noContent)
            for other in others { #expect(try await other.get("/api/v1/account").status == .unauthorized) }
            #expect(try await browser.get("/api/v1/account").status == .ok)
        }
    }

    @Test func `nobody can end the session of somebody else`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let bob = ada.other()
            try await bob.register("bob")
            let key = SessionToken(try #require(ada.token))!.key.description
            #expect(try await bob.send(.delete, "/api/v1/sessions/\(key)").status == .notFound)
            #expect(try await ada.get("/api/v1/account").status == .ok)
        }
    }

    @Test func `guessing a password is slowed down, and other accounts are not`() async throws {
        try await TestGateway().test { browser in
            try await browser.register("ada")
            try await browser.other().register("bob")
            let thief = browser.other()
            for _ in 0..<SignInThrottle.freeFailures {
                let answer = try await thief.post("/api/v1/session", #"{"username":"ada","password":"wrong"}"#)
                #expect(answer.status == .unauthorized)
                #expect(answer.problemCode == "wrong-credentials")
            }
            let slowed = try await thief.post("/api/v1/session", #"{"username":"ada","password":"a long password"}"#)
            #expect(slowed.status == .tooManyRequests)
            #expect((1...60).contains(Int(slowed.headers[.retryAfter] ?? "") ?? 0))
            let bob = try await thief.post("/api/v1/session", #"{"username":"bob","password":"a long password"}"#)
            #expect(bob.status == .ok)
        }
    }

    @Test func `attempts of one address are bounded`() async throws {
        let gateway = try await TestGateway { $0.attemptRate = Rate(perSecond: 0.01, burst: 3) }
        try await gateway.test { browser in
            for name in ["one", "two", "three"] { try await browser.other().register(name) }
            let refused = try await browser.post(
                "/api/v1/accounts", #"{"username":"four","password":"a long password"}"#)
            #expect(refused.status == .tooManyRequests)
            #expect(refused.headers[.retryAfter] != nil)
        }
    }

    @Test func `a session that was just looked up costs the database nothing`() async throws {
        let gateway = try await TestGateway { $0.sessionCacheLifetime = .seconds(600) }
        try await gateway.test { browser in
            try await browser.register("ada")
            for _ in 0..<20 { _ = try await browser.get("/api/v1/account") }
            #expect(gateway.store.finds == 1)
        }
    }

    @Test func `an ending on another gateway is obeyed at once`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { browser in
            let user = try await browser.register("ada")
            #expect(try await browser.get("/api/v1/account").status == .ok)
            let key = SessionToken(try #require(browser.token))!.key
            _ = try await gateway.store.remove([key], of: user.id)
            gateway.parts.sessions.heard(SessionEnded(user: user.id, sessions: [key.description]))
            #expect(try await browser.get("/api/v1/account").status == .unauthorized)
        }
    }

    @Test func `without the database known sessions go on, and unknown ones are told to wait`() async throws {
        let gateway = try await TestGateway { $0.sessionCacheLifetime = .zero }
        try await gateway.test { browser in
            try await browser.register("ada")
            _ = try await browser.get("/api/v1/account")
            gateway.store.fail(with: MongoError(.unavailable, message: "away"))
            #expect(try await browser.get("/api/v1/account").status == .ok)
            let stranger = browser.other()
            stranger.token = SessionToken.random().text
            let answer = try await stranger.get("/api/v1/account")
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] != nil)
            // Once endings are not heard of any more, nothing old is trusted.
            gateway.parts.sessions.cache.setHearing(false)
            #expect(try await browser.get("/api/v1/account").status == .serviceUnavailable)
        }
    }
}

@Suite struct MessageAPITests {
    private func pair(_ browser: Browser) async throws -> (Browser, Conversation) {
        try await browser.register("ada")
        let bob = browser.other()
        try await bob.register("bob")
        return (bob, try await browser.open("bob"))
    }

    @Test func `the same id gives one message and the same answer`() async throws {
        try await TestGateway().test { ada in
            let (bob, conversation) = try await pair(ada)
            let id = ClientMessageID.random()
            let first = try await ada.say("hello", in: conversation.id, id: id)
            #expect(try await ada.say("hello", in: conversation.id, id: id) == first)
            let page = try await bob.get("/api/v1/conversations/\(conversation.id)/messages").decode(MessagePage.self)
            #expect(page.messages == [first])
            let other = try await ada.post(
                "/api/v1/conversations/\(conversation.id)/messages", #"{"clientMessageId":"\#(id)","text":"other"}"#)
            #expect(other.status == .conflict)
            #expect(other.problemCode == "client-message-id-reused")
        }
    }

    @Test func `who is not a member finds nothing`() async throws {
        try await TestGateway().test { ada in
            let (_, conversation) = try await pair(ada)
            let eve = ada.other()
            try await eve.register("eve")
            let body = #"{"clientMessageId":"\#(ClientMessageID.random())","text":"x"}"#
            for (method, path, body) in [
                (HTTPRequest.Method.get, "", nil), (.get, "/messages", nil), (.post, "/messages", body),
                (.put, "/position", #"{"read":1}"#), (.post, "/unread", #"{"from":1}"#),
            ] as [(HTTPRequest.Method, String, String?)] {
                let answer = try await eve.send(method, "/api/v1/conversations/\(conversation.id)\(path)", body: body)
                let unknown = try await eve.send(
                    method, "/api/v1/conversations/\(ConversationID.random())\(path)", body: body)
                #expect(answer.status == .notFound)
                #expect(unknown.status == .notFound)
                #expect(answer.problemCode == unknown.problemCode)
            }
            let mine = try await eve.post("/api/v1/sync", #"{"cursors":{"\#(conversation.id)":0}}"#)
            #expect(try mine.decode(SyncResult.self).changes.isEmpty)
        }
    }

    @Test func `bodies that are wrong are refused with the field`() async throws {
        try await TestGateway().test { ada in
            let (_, conversation) = try await pair(ada)
            let path = "/api/v1/conversations/\(conversation.id)/messages"
            let id = ClientMessageID.random().description
            let cases: [(String, HTTPResponse.Status, String?)] = [
                ("{", .badRequest, nil), ("", .badRequest, nil), ("\"text\"", .unprocessableContent, nil),
                ("[]", .unprocessableContent, nil),
                (#"{"text":"x"}"#, .unprocessableContent, "clientMessageId"),
                (#"{"clientMessageId":null,"text":"x"}"#, .unprocessableContent, "clientMessageId"),
                (#"{"clientMessageId":"XYZ","text":"x"}"#, .unprocessableContent, "clientMessageId"),
                (#"{"clientMessageId":7,"text":"x"}"#, .unprocessableContent, "clientMessageId"),
                (#"{"clientMessageId":"\#(id.uppercased())A","text":"x"}"#, .unprocessableContent, "clientMessageId"),
                (#"{"clientMessageId":"\#(id)"}"#, .unprocessableContent, "text"),
                (#"{"clientMessageId":"\#(id)","text":["x"]}"#, .unprocessableContent, "text"),
                (#"{"clientMessageId":"\#(id)","text":""}"#, .unprocessableContent, "text"),
                (#"{"clientMessageId":"\#(id)","text":" \n\t "}"#, .unprocessableContent, "text"),
                (#"{"clientMessageId":"\#(id)","text":"x","extra":{"a":1}}"#, .unprocessableContent, "extra"),
                (
                    #"{"clientMessageId":"\#(id)","text":"\#(String(repeating: "x", count: 4_001))"}"#,
                    .unprocessableContent, "text"
                ),
                (
                    #"{"clientMessageId":"\#(id)","text":"\#(String(repeating: "👩‍👩‍👧‍👦", count: 1_000))"}"#,
                    .unprocessableContent, "text"
                ),
                (
                    #"{"clientMessageId":"\#(id)","text":"\#(String(repeating: "x", count: 70_000))"}"#,
                    .contentTooLarge, nil
                ),
            ]
            for (body, status, field) in cases {
                let answer = try await ada.post(path, body)
                #expect(answer.status == status, "\(body.prefix(100))")
                #expect(answer.problemField == field, "\(body.prefix(100))")
                #expect(answer.headers[.contentType] == "application/problem+json")
            }
            let form = try await ada.send(.post, path, body: "text=x", type: "application/x-www-form-urlencoded")
            #expect(form.status == .unsupportedMediaType)
            let longest = String(repeating: "é", count: 4_000)
            #expect(try await ada.say(longest, in: conversation.id).text == longest)
            #expect(try await ada.get(path).decode(MessagePage.self).messages.count == 1)
        }
    }

    @Test func `requests of other origins change nothing`() async throws {
        try await TestGateway().test { ada in
            let (_, conversation) = try await pair(ada)
            let path = "/api/v1/conversations/\(conversation.id)/messages"
            let body = #"{"clientMessageId":"\#(ClientMessageID.random())","text":"x"}"#
            for headers in [
                [.secFetchSite: "cross-site"], [.secFetchSite: "same-site"], [.secFetchSite: "none"],
                [.origin: "https://evil.example"], [.origin: "null"], [:],
            ] as [HTTPFields] {
                let answer = try await ada.send(.post, path, body: body, headers: headers, origin: nil)
                #expect(answer.status == .forbidden)
                #expect(answer.problemCode == "cross-origin")
            }
            #expect(try await ada.get(path).decode(MessagePage.self).messages.isEmpty)
            let allowed = try await ada.send(
                .post, path, body: body, headers: [.origin: "http://localhost"], origin: nil)
            #expect(allowed.status == .ok)
        }
    }

    @Test func `a user who sends too fast is slowed down, others are not`() async throws {
        let gateway = try await TestGateway { $0.sendRate = Rate(perSecond: 0.01, burst: 2) }
        try await gateway.test { ada in
            let (bob, conversation) = try await pair(ada)
            for _ in 0..<2 { try await ada.say("x", in: conversation.id) }
            let body = #"{"clientMessageId":"\#(ClientMessageID.random())","text":"x"}"#
            let refused = try await ada.post("/api/v1/conversations/\(conversation.id)/messages", body)
            #expect(refused.status == .tooManyRequests)
            #expect(Int(refused.headers[.retryAfter] ?? "") ?? 0 > 0)
            try await bob.say("y", in: conversation.id)
        }
    }

    @Test func `an unknown outcome is told apart from a refusal`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { ada in
            let (_, conversation) = try await pair(ada)
            let path = "/api/v1/conversations/\(conversation.id)/messages"
            let body = #"{"clientMessageId":"\#(ClientMessageID.random())","text":"x"}"#
            gateway.chat.withState { $0.failure = Problem(.outcomeUnknown, of: .command) }
            let unknown = try await ada.post(path, body)
            #expect(unknown.status == .gatewayTimeout)
            #expect(unknown.problemCode == "outcome-unknown")
            #expect(!unknown.isAccepted)
            gateway.chat.withState { $0.failure?.isAccepted = true }
            #expect(try await ada.post(path, body).isAccepted)
            gateway.chat.withState { $0.failure = Problem(.notSent, of: .command) }
            let refused = try await ada.post(path, body)
            #expect(refused.status == .serviceUnavailable)
            #expect(refused.problemCode == "unavailable")
            #expect(refused.headers[.retryAfter] != nil)
            gateway.chat.withState { $0.failure = nil }
            #expect(try await ada.post(path, body).status == .ok)
        }
    }

    @Test func `lists name everybody in them`() async throws {
        try await TestGateway().test { ada in
            let (bob, conversation) = try await pair(ada)
            try await bob.say("hello", in: conversation.id)
            let list = try await ada.get("/api/v1/conversations").decode(ConversationList.self)
            #expect(list.conversations.map(\.id) == [conversation.id])
            #expect(list.conversations.first?.unread == 1)
            #expect(Set(list.users.values.map(\.username)) == ["ada", "bob"])
            let sync = try await ada.post("/api/v1/sync", #"{"cursors":{"\#(conversation.id)":0}}"#)
                .decode(SyncResult.self)
            #expect(sync.changes.first?.messages.map(\.text) == ["hello"])
            #expect(Set(sync.users.values.map(\.username)) == ["ada", "bob"])
            let moved = try await ada.send(
                .put, "/api/v1/conversations/\(conversation.id)/position", body: #"{"read":1}"#)
            #expect(try moved.decode(PositionChanged.self).unread == 0)
        }
    }

    @Test func `a message and what follows is unread again for whoever marks it`() async throws {
        try await TestGateway().test { ada in
            let (bob, conversation) = try await pair(ada)
            for text in ["one", "two", "three"] { try await bob.say(text, in: conversation.id) }
            let path = "/api/v1/conversations/\(conversation.id)"
            _ = try await ada.send(.put, "\(path)/position", body: #"{"read":3}"#)
            let marked = try await ada.post("\(path)/unread", #"{"from":2}"#).decode(PositionChanged.self)
            #expect(marked.read == 1 && marked.unread == 2 && marked.unreadMarks == 1)
            let wrong: [(String, String)] = [
                ("{}", "from"), (#"{"from":0}"#, "from"), (#"{"from":"2"}"#, "from"), (#"{"from":1.5}"#, "from"),
                (#"{"from":1,"unreadMarks":-1}"#, "unreadMarks"), (#"{"from":1,"to":2}"#, "to"),
            ]
            for (body, field) in wrong {
                let answer = try await ada.post("\(path)/unread", body)
                #expect(answer.status == .unprocessableContent, "\(body)")
                #expect(answer.problemField == field, "\(body)")
            }
        }
    }

    @Test func `a conversation is pinned, muted and archived for whoever wants it so`() async throws {
        try await TestGateway().test { ada in
            let (_, conversation) = try await pair(ada)
            let path = "/api/v1/conversations/\(conversation.id)/settings"
            func change(_ body: String) async throws -> ConversationSettings? {
                try await ada.send(.patch, path, body: body).decode(ConversationSettingsChanged.self).settings
            }
            let pinned = try #require(try await change(#"{"pinned":true}"#))
            #expect(pinned.version == 1 && pinned.pinnedAt != nil && !pinned.isMuted)
            let muted = try await change(#"{"version":1,"muted":true,"mutedUntil":"2090-01-31T09:05:00.123Z"}"#)
            #expect(muted?.mutedUntil?.description == "2090-01-31T09:05:00.123Z" && muted?.pinnedAt == pinned.pinnedAt)
            let loud = try await change(#"{"version":2,"muted":true,"tellsMentions":true}"#)
            #expect(loud?.isMuted == true && loud?.tellsMentions == true && loud?.mutedUntil == nil)
            let archived = try await change(#"{"version":3,"archived":true,"archivedThrough":0,"muted":false}"#)
            #expect(archived?.archivedThrough == 0 && archived?.isMuted == false && archived?.mutedUntil == nil)
            #expect(archived?.tellsMentions == nil)
            let wrong: [(String, String)] = [
                ("{}", "pinned"), (#"{"version":1}"#, "pinned"), (#"{"blocked":1}"#, "blocked"),
                (#"{"pinned":1}"#, "pinned"),
                (#"{"pinned":true,"version":-1}"#, "version"), (#"{"muted":"yes"}"#, "muted"),
                (#"{"mutedUntil":"2090-01-31T09:05:00.123Z","pinned":true}"#, "mutedUntil"),
                (#"{"muted":true,"mutedUntil":"tomorrow"}"#, "mutedUntil"),
                (#"{"muted":false,"tellsMentions":true}"#, "tellsMentions"),
                (#"{"muted":true,"tellsMentions":1}"#, "tellsMentions"),
                (#"{"muted":true,"mutedUntil":5}"#, "mutedUntil"),
                (#"{"muted":false,"mutedUntil":"2090-01-31T09:05:00.123Z"}"#, "mutedUntil"),
                (#"{"archived":false,"archivedThrough":1}"#, "archivedThrough"),
                (#"{"archived":true,"archivedThrough":-1}"#, "archivedThrough"), (#"{"pin":true}"#, "pin"),
            ]
            for (body, field) in wrong {
                let answer = try await ada.send(.patch, path, body: body)
                #expect(answer.status == .unprocessableContent, "\(body)")
                #expect(answer.problemField == field, "\(body)")
            }
        }
    }

    @Test func `a new name is seen at once`() async throws {
        try await TestGateway().test { ada in
            let (bob, _) = try await pair(ada)
            _ = try await ada.get("/api/v1/conversations")
            #expect(try await bob.send(.patch, "/api/v1/account", body: #"{"displayName":"Robert"}"#).status == .ok)
            let list = try await ada.get("/api/v1/conversations").decode(ConversationList.self)
            #expect(list.users.values.contains { $0.displayName == "Robert" && $0.about == nil })
            #expect(try await bob.send(.patch, "/api/v1/account", body: #"{"about":"Builds."}"#).status == .ok)
            let later = try await ada.get("/api/v1/conversations").decode(ConversationList.self)
            #expect(later.users.values.contains { $0.displayName == "Robert" && $0.about == "Builds." })
            let nothing = try await bob.send(.patch, "/api/v1/account", body: "{}")
            #expect(nothing.status == .unprocessableContent && nothing.text.contains("displayName"))
        }
    }

    @Test func `too many requests at once are answered with busy`() async throws {
        let gateway = try await TestGateway { $0.maximumInFlight = 0 }
        try await gateway.test { browser in
            let answer = try await browser.get("/api/v1/account")
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.problemCode == "busy")
            #expect(answer.headers[.retryAfter] != nil)
        }
    }

    @Test func `every answer carries the protective headers and a request id`() async throws {
        try await TestGateway().test { browser in
            for path in ["/", "/api/v1/account", "/nowhere", "/api/v1/openapi.json", "/signup"] {
                let headers = try await browser.get(path).headers
                #expect(headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true, "\(path)")
                #expect(headers[.contentSecurityPolicy]?.contains("unsafe-inline") == false)
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers[.requestID]?.count == 32)
                #expect(headers[.server] == nil)
            }
        }
        try await TestGateway { $0.isSecure = true }.test { browser in
            let headers = try await browser.get("/").headers
            #expect(headers[.strictTransportSecurity] != nil)
        }
    }

    @Test func `scripts and style sheets carry no policy of pages, and everything that could be a page does`()
        async throws
    {
        try await TestGateway { $0.isSecure = true }.test { browser in
            let page = try await browser.get("/signin").text
            let begin = try #require(page.range(of: "/assets/"))
            let release = page[begin.upperBound...].prefix { $0 != "/" }
            for file in ["app/main.js", "style/main.css", "martlet.svg", "missing.js"] {
                let answer = try await browser.get("/assets/\(release)/\(file)")
                let isPart = file == "app/main.js" || file == "style/main.css"
                #expect((answer.status == .ok) == (file != "missing.js"), "\(file)")
                #expect((answer.headers[.contentSecurityPolicy] == nil) == isPart, "\(file)")
                #expect((answer.headers[.referrerPolicy] == nil) == isPart, "\(file)")
                #expect(answer.headers[.xContentTypeOptions] == "nosniff", "\(file)")
                #expect(answer.headers[.init("cross-origin-resource-policy")!] == "same-origin", "\(file)")
                #expect(answer.headers[.strictTransportSecurity] != nil, "\(file)")
            }
            #expect(try await browser.get("/service-worker.js").headers[.contentSecurityPolicy] != nil)
        }
    }
}
