import ChatContracts
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import GatewayService

/// The list beside the conversation, as the server draws it.
@Suite struct SidebarTests {
    private static func user(_ number: UInt8, _ username: String, _ displayName: String) -> User {
        User(
            id: UserID(String(repeating: "0", count: 30) + "0\(number)")!, username: username, displayName: displayName,
            createdAt: .now)
    }

    @Test(arguments: [
        ("Grace Hopper", "GRACE  HOPPER"), ("Grace Hopper", "Gr\u{430}ce Hopper"), ("Grace", "Gräce"),
        ("Grace", "Ｇｒａｃｅ"), ("Bob", "B0b"), ("Ali", "A1\u{456}"), ("wren.marsh", "Wren Marsh"),
    ])
    func `names that look alike are told apart by username`(one: String, other: String) {
        let alike = LookAlikes(among: [
            Self.user(1, "one", one), Self.user(2, "two", other), Self.user(3, "three", "Somebody else"),
        ])
        #expect(alike.contains(Self.user(1, "one", one).id))
        #expect(alike.contains(Self.user(2, "two", other).id))
        #expect(!alike.contains(Self.user(3, "three", "").id))
    }

    @Test func `a display name that is somebody else's username is marked, and one's own username is not`() {
        let alike = LookAlikes(among: [
            Self.user(1, "grace", "Grace"), Self.user(2, "other", "gracE"), Self.user(3, "ada", "Ada"),
        ])
        #expect(alike.contains(Self.user(2, "other", "").id))
        #expect(!alike.contains(Self.user(3, "ada", "").id))
        let taken = LookAlikes(among: [Self.user(1, "grace", "Admiral"), Self.user(2, "other", "Grace")])
        #expect(taken.contains(Self.user(2, "other", "").id))
        #expect(!taken.contains(Self.user(1, "grace", "").id))
    }

    @Test func `the list shows what is unread, what was searched for, and how far one's own message came`() async throws
    {
        try await TestGateway().test { ada in
            let grace = ada.other()
            let linus = ada.other()
            try await ada.register("ada")
            try await grace.register("grace")
            try await linus.register("linus")
            #expect(try await ada.get("/chatwith").text.contains("Your conversations will appear here."))
            try await grace.say("Something new", in: ada.open("grace").id)
            try await ada.say("Mine", in: ada.open("linus").id)

            let all = try await ada.get("/chatwith").text
            #expect(all.contains("Something new") && all.contains("Mine"))
            #expect(all.contains("Unread <span class=\"count\">1</span>"))
            #expect(
                all.contains(
                    "<span class=\"visually-hidden\">Sent. </span><span class=\"by\">You:</span> <bdi>Mine</bdi>"))
            let unread = try await list(ada.get("/chatwith?show=unread").text)
            #expect(unread.contains("Something new") && !unread.contains("Mine"))
            let found = try await ada.get("/chatwith?q=LIN").text
            #expect(try list(found).contains("Mine"))
            #expect(try !list(found).contains("Something new"))
            #expect(!found.contains("Nobody was found"))
            #expect(
                try await ada.get("/chatwith?q=nobody").text.contains(
                    "Nobody was found by “<bdi>nobody</bdi>”."))

            _ = try await ada.submit("/chatwithme/grace/read", ["readUpTo": "1"])
            #expect(try await ada.get("/chatwith?show=unread").text.contains("You have read everything."))
        }
    }

    @Test func `the list marks what is pinned and muted, and leaves out what is archived until somebody writes`()
        async throws
    {
        try await TestGateway().test { ada in
            let grace = ada.other()
            try await ada.register("ada")
            try await grace.register("grace")
            let conversation = try await ada.open("grace").id
            try await grace.say("Something new", in: conversation)
            func choose(_ body: String) async throws {
                let answer = try await ada.send(
                    .patch, "/api/v1/conversations/\(conversation)/settings", body: body)
                #expect(answer.status == .ok)
            }
            var page = try await ada.get("/chatwith").text
            #expect(!page.contains("data-show=\"archived\""))
            #expect(try !list(page).contains("Pinned.") && !list(page).contains("Muted."))
            try await choose(#"{"pinned":true,"muted":true,"mutedUntil":"2090-01-01T00:00:00.000Z"}"#)
            page = try await ada.get("/chatwith").text
            #expect(try list(page).contains("Pinned.") && list(page).contains("Muted."))
            try await choose(#"{"muted":true,"mutedUntil":"2020-01-01T00:00:00.000Z"}"#)
            #expect(try await !list(ada.get("/chatwith").text).contains("Muted."))

            try await choose(#"{"archived":true}"#)
            page = try await ada.get("/chatwith").text
            #expect(try !list(page).contains("Something new"))
            #expect(!page.contains("<span class=\"count\">") && page.contains("data-show=\"archived\""))
            #expect(try await list(ada.get("/chatwith?show=archived").text).contains("Something new"))
            // The open one is listed whatever it is.
            #expect(try await list(ada.get("/chatwithme/grace").text).contains("Something new"))
            try await grace.say("Something newer", in: conversation)
            #expect(try await list(ada.get("/chatwith").text).contains("Something newer"))
            #expect(try await ada.get("/chatwith?show=archived").text.contains("Nothing is archived."))
            #expect(try await list(ada.get("/chatwith?show=other").text).contains("Something newer"))
        }
    }

    /// The list of conversations in a page.
    private func list(_ page: String) throws -> String {
        let begin = try #require(page.range(of: "<ul class=\"list\" id=\"conversation-list\">"))
        let end = try #require(page.range(of: "</ul>", range: begin.upperBound..<page.endIndex))
        return String(page[begin.upperBound..<end.lowerBound])
    }
}
