import BrokerAdministration
import ChatContracts
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import GatewayService

/// What a page costs on the bus, counted where the requests pass.
@Suite("Pages ask once", .serialized, .timeLimit(.minutes(5)))
struct PageCallTests {
    private static let generous = [
        "--limits-sends-per-second", "1000", "--limits-send-burst", "1000", "--limits-attempts-per-minute", "100000",
        "--limits-network-attempts-per-minute", "100000",
    ]

    /// Loads a page, and waits until all that it asked for has been seen.
    private func calls(of path: String, by browser: LiveBrowser, _ tap: BusTap) async throws -> [String] {
        let page = try await browser.send(.GET, path)
        #expect(page.status == 200, "\(path)")
        let id = try #require(page.headers["X-Request-Id"].first)
        // What is asked for later is seen later.
        let later = try await browser.send(.GET, "/api/v1/conversations")
        let laterID = try #require(later.headers["X-Request-Id"].first)
        try await eventually("later requests were seen") { !tap.types(for: laterID).isEmpty }
        return tap.types(for: id).sorted()
    }

    @Test func `a page asks the messages service once, and the users service once if it lists people`() async throws {
        try await withRunningChat(gatewayFlags: Self.generous) { chat in
            let ada = chat.browser()
            let bob = chat.browser()
            let adaUser = try await ada.register("ada")
            let bobUser = try await bob.register("bob")
            let conversation = try await ada.open("bob").id
            for number in 1...60 {
                let sender = number == 1 || number.isMultiple(of: 2) ? ada : bob
                #expect(try await sender.say("\(number)", in: conversation).status == 200)
            }
            #expect(conversation == .direct(adaUser.id, bobUser.id))
            try await BusTap.run(on: chat.broker) { tap in
                for path in ["/chatwith", "/chatwith?q=bob", "/chatwithme/bob?q=bob"] {
                    let calls = try await calls(of: path, by: ada, tap)
                    #expect(calls == [ReadChatPage.typeName, ReadChatPeople.typeName], "\(path)")
                }
                for path in [
                    "/chatwithme/bob", "/chatwithme/BOB?at=newest", "/chatwithme/bob", "/chatwithme/bob?before=40",
                    "/chatwithme/bob?after=3",
                ] {
                    let calls = try await calls(of: path, by: ada, tap)
                    #expect(calls == [ReadChatPage.typeName], "\(path)")
                }
            }
        }
    }

    @Test func `a gateway that remembers nobody asks at most once more`() async throws {
        try await withRunningChat(gateways: 3, gatewayFlags: Self.generous) { chat in
            let ada = chat.browser()
            _ = try await ada.register("ada")
            // More than one page of people, and those whom ada talks to are not on the first.
            for number in 0..<40 { _ = try await chat.browser().register("many\(100 + number)") }
            for name in ["zoe", "zora"] {
                _ = try await chat.browser().register(name)
                _ = try await ada.say("hello", in: ada.open(name).id)
            }
            try await BusTap.run(on: chat.broker) { tap in
                let list = LiveBrowser(address: chat.addresses[1], token: ada.token)
                var calls = try await calls(of: "/chatwith", by: list, tap)
                #expect(calls == [ReadChatPage.typeName, ReadChatPeople.typeName])
                // Who is meant has to be known before the conversation can be read, and who else is in the list after it.
                let conversation = LiveBrowser(address: chat.addresses[2], token: ada.token)
                calls = try await self.calls(of: "/chatwithme/zoe", by: conversation, tap)
                #expect(calls == [ReadChatPage.typeName, LookUpUsers.typeName, LookUpUsers.typeName])
            }
        }
    }

    @Test func `while the messages service does not answer, a page shows people and says what is missing`() async throws
    {
        try await withRunningChat { chat in
            let ada = chat.browser()
            _ = try await ada.register("ada", displayName: "Ada L.")
            _ = try await chat.browser().register("bob", displayName: "Bob B.")
            _ = try await ada.say("hello", in: ada.open("bob").id)
            try await chat.broker.administration.deleteQueue(Topology.messageQueries, in: chat.broker.virtualHost)
            for (path, listsPeople) in [("/chatwith", true), ("/chatwithme/bob", false)] {
                let page = try await ada.send(.GET, path)
                #expect(page.status == 503, "\(path)")
                #expect(page.headers["Retry-After"].first != nil)
                #expect(page.text.contains("cannot be reached right now"))
                #expect(page.text.contains("Ada L.") && page.text.contains("Bob B."))
                #expect(page.text.contains("\"people\":") == listsPeople && !page.text.contains("\"list\":"))
            }
        }
    }

    @Test func `while the users service does not answer, a page shows the conversation of somebody it remembers`()
        async throws
    {
        try await withRunningChat { chat in
            let ada = chat.browser()
            _ = try await ada.register("ada", displayName: "Ada L.")
            _ = try await chat.browser().register("bob", displayName: "Bob B.")
            _ = try await ada.say("hello you", in: ada.open("bob").id)
            #expect(try await ada.send(.GET, "/chatwithme/bob").status == 200)
            try await chat.broker.administration.deleteQueue(Topology.userQueries, in: chat.broker.virtualHost)
            let page = try await ada.send(.GET, "/chatwithme/bob")
            #expect(page.status == 200 && !page.text.contains("cannot be reached right now"))
            #expect(page.text.contains("Bob B.") && page.text.contains("hello you</p>"))
            #expect(!page.text.contains("\"people\":") && page.text.contains("\"shown\":"))
            let search = try await ada.send(.GET, "/chatwithme/bob?q=b")
            #expect(search.status == 503 && search.text.contains("cannot be reached right now"))
            #expect(search.text.contains("hello you</p>"))
            let unknown = try await ada.send(.GET, "/chatwithme/carol")
            #expect(unknown.status == 503 && unknown.text.contains("cannot be reached right now"))
        }
    }
}
