import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import GatewayService

/// What counts as read where no script runs.
@Suite struct ReadingTests {
    private func field(_ name: String, in page: String) -> String? {
        guard let start = page.firstRange(of: "name=\"\(name)\" value=\"")?.upperBound else { return nil }
        return String(page[start...].prefix { $0 != "\"" })
    }

    /// Ada and Bob, and messages from Bob to Ada.
    private func withUnread(
        _ count: Int, _ body: @Sendable (TestGateway, Browser, Browser) async throws -> Void
    ) async throws {
        let gateway = try await TestGateway { $0.sendRate = Rate(perSecond: 10_000, burst: 10_000) }
        try await gateway.test { ada in
            try await ada.register("ada")
            let bob = ada.other()
            try await bob.register("bob")
            let conversation = try await bob.open("ada")
            for number in 1...count { try await bob.say("message \(number).", in: conversation.id) }
            try await body(gateway, ada, bob)
        }
    }

    @Test func `no way of loading a conversation's page changes anything`() async throws {
        try await withUnread(3) { gateway, ada, _ in
            let before = gateway.chat.withState { state in
                state.requests = []
                return state.conversations
            }
            let ways: [(HTTPRequest.Method, HTTPFields)] = [
                (.get, [:]), (.head, [:]), (.get, [HTTPField.Name("Sec-Purpose")!: "prefetch"]),
                (.get, [.secFetchSite: "cross-site"]),
            ]
            for (method, headers) in ways {
                for path in ["/chatwithme/bob", "/chatwithme/bob?at=newest", "/chatwithme/bob?after=1"] {
                    let answer = try await ada.send(method, path, headers: headers)
                    #expect(answer.status == .ok)
                }
            }
            gateway.chat.withState { state in
                #expect(!state.requests.contains(SetPosition.typeName))
                #expect(!state.requests.contains(OpenDirectConversation.typeName))
                #expect(state.conversations == before)
            }
        }
    }

    @Test func `the line before what is new stands on the first of it, with a button that says it was read`()
        async throws
    {
        try await withUnread(3) { _, ada, _ in
            let page = try await ada.get("/chatwithme/bob").text
            let line = try #require(page.firstRange(of: "<span>3 new messages</span>"))
            let first = try #require(page.firstRange(of: "message 1."))
            #expect(line.lowerBound < first.lowerBound)
            #expect(page.contains("action=\"/chatwithme/bob/read\""))
            #expect(page.contains("data-new-after=\"0\" data-new-count=\"3\""))
            _ = try await ada.submit("/chatwithme/bob/read", ["readUpTo": "2"])
            let rest = try await ada.get("/chatwithme/bob").text
            #expect(rest.contains("<span>1 new message</span>"))
            _ = try await ada.submit("/chatwithme/bob/read", ["readUpTo": "3"])
            let nothing = try await ada.get("/chatwithme/bob").text
            #expect(!nothing.contains("new-divider") && !nothing.contains("Mark as read"))
        }
    }

    @Test func `an answer says that what stood above it was read`() async throws {
        try await withUnread(2) { _, ada, bob in
            let page = try await ada.get("/chatwithme/bob").text
            let readUpTo = try #require(field("readUpTo", in: page))
            #expect(readUpTo == "2")
            // What came after the page was loaded was not on it.
            _ = try await bob.submit(
                "/chatwithme/ada", ["text": "message 3.", "clientMessageId": ClientMessageID.random().description])
            let sent = try await ada.submit(
                "/chatwithme/bob",
                ["text": "Yes", "clientMessageId": ClientMessageID.random().description, "readUpTo": readUpTo])
            #expect(sent.headers[.location] == "/chatwithme/bob#newest")
            #expect(try await ada.get("/chatwith").text.contains("class=\"badge\">1<"))
        }
    }

    @Test func `a long absence opens at its first message, a few read ones above it`() async throws {
        try await withUnread(130) { _, ada, _ in
            _ = try await ada.submit("/chatwithme/bob/read", ["readUpTo": "10"])
            let page = try await ada.get("/chatwithme/bob").text
            #expect(page.contains("<span>120 new messages</span>"))
            #expect(page.contains("message 6.") && !page.contains("message 5."))
            #expect(page.contains("message 55.") && !page.contains("message 56."))
            #expect(page.contains("/chatwithme/bob?after=55") && page.contains("/chatwithme/bob?at=newest#newest"))
            let newest = try await ada.get("/chatwithme/bob?at=newest").text
            #expect(newest.contains("message 130.") && !newest.contains("new-divider"))
            #expect(newest.contains("href=\"/chatwithme/bob#new\""))
            // The answer is shown, also when the reader is still more than a page behind.
            let sent = try await ada.submit(
                "/chatwithme/bob",
                ["text": "Wait", "clientMessageId": ClientMessageID.random().description, "readUpTo": "55"])
            #expect(sent.headers[.location] == "/chatwithme/bob?at=newest#newest")
        }
    }

    @Test func `saying what was read takes a form of this site, a session and a number`() async throws {
        try await withUnread(1) { gateway, ada, _ in
            gateway.chat.withState { $0.requests = [] }
            let form = "application/x-www-form-urlencoded"
            let foreign = try await ada.send(
                .post, "/chatwithme/bob/read", body: "readUpTo=1", type: form, headers: [.secFetchSite: "cross-site"])
            #expect(foreign.status == .forbidden)
            let stranger = try await ada.other().submit("/chatwithme/bob/read", ["readUpTo": "1"])
            #expect(stranger.headers[.location] == "/signin?next=%2Fchatwithme%2Fbob")
            for wrong in ["", "0", "-1", "x"] {
                let answer = try await ada.submit("/chatwithme/bob/read", ["readUpTo": wrong])
                #expect(answer.status == .unprocessableContent)
            }
            #expect(try await ada.submit("/chatwithme/nobody/read", ["readUpTo": "1"]).status == .notFound)
            gateway.chat.withState { state in #expect(!state.requests.contains(SetPosition.typeName)) }
        }
    }

    @Test func `a conversation that was opened without a word is in nobody's list`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let bob = ada.other()
            try await bob.register("bob")
            _ = try await ada.open("bob")
            #expect(try await bob.get("/chatwith").text.contains("id=\"no-conversations\""))
            #expect(try await ada.get("/chatwith").text.contains("id=\"no-conversations\""))
            let page = try await ada.get("/chatwithme/bob").text
            #expect(page.contains("No messages yet</strong><span>Say hello to <bdi>bob</bdi>."))
        }
    }
}
