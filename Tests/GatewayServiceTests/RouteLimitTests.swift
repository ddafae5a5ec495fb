import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import GatewayService

/// What a request costs is a matter of its route and of who asks.
@Suite struct RouteLimitTests {
    private static let none = Rate(perSecond: 0.001, burst: 0)

    private func form(_ text: String) -> [String: String] {
        ["text": text, "clientMessageId": ClientMessageID.random().description]
    }

    @Test func `messages to a user called messages are counted`() async throws {
        let gateway = try await TestGateway {
            $0.sendRate = Rate(perSecond: 0.001, burst: 3)
            $0.requestRate = Rate(perSecond: 0.001, burst: 10)
        }
        try await gateway.test { ada in
            try await ada.other().register("messages")
            try await ada.register("ada")
            var statuses: [HTTPResponse.Status] = []
            for _ in 0..<30 { statuses.append(try await ada.submit("/chatwithme/messages", form("x")).status) }
            #expect(statuses.filter { $0 == .seeOther }.count == 3)
            #expect(statuses.filter { $0 == .tooManyRequests }.count == 27)
            let sends = gateway.chat.withState { $0.requests.filter { $0 == SendMessage.typeName }.count }
            // The first of them finds no conversation yet, and is sent again when there is one.
            #expect(sends == 4)
        }
    }

    @Test func `a form and the API share one allowance for messages`() async throws {
        let gateway = try await TestGateway { $0.sendRate = Rate(perSecond: 0.001, burst: 2) }
        try await gateway.test { ada in
            try await ada.other().register("bob")
            try await ada.register("ada")
            let conversation = try await ada.open("bob")
            try await ada.say("one", in: conversation.id)
            #expect(try await ada.submit("/chatwithme/bob", form("two")).status == .seeOther)
            let refused = try await ada.submit("/chatwithme/bob", form("a third message"))
            #expect(refused.status == .tooManyRequests)
            #expect(refused.headers[.retryAfter] == "900")
            #expect(refused.text.contains(#/Try again <time [^>]+>in 15 minutes, at /#))
            #expect(refused.text.contains("a third message</textarea>"))
            let body = #"{"clientMessageId":"\#(ClientMessageID.random())","text":"x"}"#
            let path = "/api/v1/conversations/\(conversation.id)/messages"
            #expect(try await ada.post(path, body).status == .tooManyRequests)
        }
    }

    @Test func `messages that are refused count as well`() async throws {
        let gateway = try await TestGateway { $0.sendRate = Rate(perSecond: 0.001, burst: 2) }
        try await gateway.test { ada in
            try await ada.register("ada")
            let path = "/api/v1/conversations/\(ConversationID.random())/messages"
            for _ in 0..<2 { #expect(try await ada.post(path, "{}").status == .unprocessableContent) }
            #expect(try await ada.post(path, "{}").status == .tooManyRequests)
        }
    }

    @Test func `changes of groups by one user are few, and leave other requests alone`() async throws {
        let gateway = try await TestGateway { $0.groupChangeRate = Rate(perSecond: 0.001, burst: 3) }
        try await gateway.test { ada in
            let bob = ada.other()
            let bobID = try await bob.register("bob").id
            try await ada.register("ada")
            func make() async throws -> TestResponse {
                try await ada.post(
                    "/api/v1/groups", #"{"clientMessageId":"\#(ClientMessageID.random())","name":"Group"}"#)
            }
            let made = try await make().decode(GroupChanged.self)
            let path = "/api/v1/conversations/\(made.conversation)"
            #expect(try await ada.post("\(path)/members", #"{"usernames":["bob"]}"#).status == .ok)
            #expect(try await ada.send(.patch, "\(path)/group", body: #"{"name":"Other"}"#).status == .ok)
            let refused = try await make()
            #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] != nil)
            #expect(try await ada.send(.delete, "\(path)/members/\(bobID)").status == .tooManyRequests)
            #expect(try await ada.get("\(path)/members").status == .ok)
            #expect(
                try await bob.post(
                    "/api/v1/groups", #"{"clientMessageId":"\#(ClientMessageID.random())","name":"Mine"}"#
                ).status == .ok)
        }
    }

    @Test(arguments: [false, true])
    func `password changes of a user are few, in whatever session`(_ isForm: Bool) async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            func change() async throws -> TestResponse {
                let password = "a long password"
                guard isForm else {
                    return try await ada.post(
                        "/api/v1/account/password", #"{"currentPassword":"\#(password)","newPassword":"\#(password)"}"#)
                }
                return try await ada.submit(
                    "/account/password", ["currentPassword": password, "newPassword": password])
            }
            for _ in 0..<5 { #expect(try await change().status == (isForm ? .seeOther : .noContent)) }
            let refused = try await change()
            #expect(refused.status == .tooManyRequests)
            #expect(Int(refused.headers[.retryAfter] ?? "") ?? 0 > 60)
            #expect(refused.text.contains(#/Try again (<time [^>]+>)?in 2 minutes/#))
        }
    }

    @Test func `requests without a session are counted by address, whatever becomes of them`() async throws {
        let gateway = try await TestGateway { $0.anonymousRate = Rate(perSecond: 0.001, burst: 5) }
        try await gateway.test { browser in
            #expect(try await browser.get("/signin").status == .ok)
            #expect(try await browser.get("/api/v1/account").status == .unauthorized)
            #expect(try await browser.get("/nowhere").status == .notFound)
            #expect(try await browser.get("/api/v1/nothing").status == .notFound)
            let crossSite = try await browser.send(.post, "/signin", body: "a=b", origin: "cross-site")
            #expect(crossSite.status == .forbidden)
            for path in ["/signin", "/api/v1/account", "/nowhere"] {
                let refused = try await browser.get(path)
                #expect(refused.status == .tooManyRequests)
                #expect(refused.headers[.retryAfter] != nil)
            }
            let again = try await browser.send(.post, "/signin", body: "a=b", origin: "cross-site")
            #expect(again.status == .tooManyRequests)
        }
    }

    @Test func `people who are signed in do not share what strangers of their address use up`() async throws {
        let gateway = try await TestGateway { $0.anonymousRate = Rate(perSecond: 0.001, burst: 3) }
        try await gateway.test { ada in
            try await ada.register("ada")
            for _ in 0..<5 { _ = try await ada.other().get("/signin") }
            #expect(try await ada.other().get("/signin").status == .tooManyRequests)
            #expect(try await ada.get("/api/v1/account").status == .ok)
        }
    }

    @Test func `assets have an allowance of their own`() async throws {
        let gateway = try await TestGateway {
            $0.anonymousRate = Self.none
            $0.assetRate = Rate(perSecond: 0.001, burst: 2)
        }
        try await gateway.test { browser in
            let document = try await browser.get("/api/v1/openapi.json")
            #expect(document.status == .ok)
            #expect(try await browser.get("/assets/x/nothing.js").status == .notFound)
            #expect(try await browser.get("/api/v1/openapi.json").status == .tooManyRequests)
        }
    }

    @Test func `whoever has many addresses has the allowance of their networks`() throws {
        let buckets = AddressBuckets(narrow: Rate(perSecond: 0.001, burst: 2))
        let now = ContinuousClock.now
        func passed(_ addresses: [String]) -> Int {
            addresses.filter { address in
                (try? buckets.take(address, now: now)) != nil
            }.count
        }
        #expect(passed((0..<100).map { "192.0.2.\($0)" }) == 8)
        #expect(passed((0..<100).map { "2001:db8:1:\(String($0, radix: 16))::1" }) == 8)
        // 100 networks of 56 bits in one of 48.
        #expect(passed((0..<100).map { "2001:db8:2:\(String($0 << 8, radix: 16))::1" }) == 32)
        #expect(passed(["192.0.3.1", "2001:db8:3::1"]) == 2)
    }

    @Test(arguments: [
        (0.2, "1 second", 1), (12, "12 seconds", 12), (90, "90 seconds", 90), (91, "2 minutes", 91),
        (100_000, "15 minutes", 900),
    ])
    func `a refusal says until when`(_ wait: Double, _ words: String, _ seconds: Int) {
        let problem = Problem.tooManyRequests(after: wait, "That was much.")
        #expect(problem.detail == "That was much. Try again in \(words).")
        #expect(problem.retryAfter == seconds)
    }
}
