import ChatContracts
import Foundation
import HummingbirdTesting
import JSON
import Testing

@testable import GatewayService

/// What a page hands to its script.
@Suite struct PageStateTests {
    private static let hostile = [
        "</script><script>alert(1)</script>", "<!-- <script>", "</SCRIPT\u{A0}x>", "\u{2028}\u{2029}\u{0}\"\\",
        "{{{scriptState}}} &lt;/script&gt;", "<\u{338}/script>",
    ]

    @Test func `a page hands over what the API would answer`() async throws {
        try await TestGateway { $0.sendRate = Rate(perSecond: 1_000, burst: 1_000) }.test { ada in
            let grace = ada.other()
            try await ada.register("ada")
            let graceUser = try await grace.register("grace")
            let conversation = try await ada.open("grace").id
            for number in 1...60 { try await grace.say("Line \(number)", in: conversation) }
            // Who has read everything sees the newest page.
            _ = try await ada.submit("/chatwithme/grace/read", ["readUpTo": "60"])

            let list = try await answer("/api/v1/conversations", to: ada)
            let described = try await answer("/api/v1/conversations/\(conversation)", to: ada)
            let page = try await ada.get("/chatwithme/grace").text
            #expect(page.components(separatedBy: "Line 42").count == 3, "once for people and once for the script")
            let state = try JSONValue(parsing: Array(try element(in: page).utf8)).inOrder
            #expect(state["list"]?["conversations"] == list["conversations"])
            #expect(state["list"]?["next"] == list["next"])
            #expect(state["shown"]?["conversation"] == described)
            let history = try await answer("/api/v1/conversations/\(conversation)/messages", to: ada)
            for name in ["messages", "head", "hasOlder", "hasNewer"] {
                #expect(state["shown"]?["page"]?[name] == history[name])
            }
            #expect(
                try await state["shown"]?["users"]?[graceUser.id.description]
                    == answer("/api/v1/users/grace", to: ada))
            #expect(state["people"] == nil)
            let people = try await handedOver(by: ada, at: "/chatwith")["people"]?.inOrder
            #expect(try await people?["users"] == answer("/api/v1/users", to: ada)["users"])
            #expect(people?["text"] == .string(""))
            let id = graceUser.id.description
            #expect(state["list"]?["users"]?[id] != nil)
            #expect(state["list"]?["users"]?[id] == list["users"]?[id])
        }
    }

    @Test func `no text ends the element that the state stands in`() async throws {
        try await TestGateway().test { ada in
            let grace = ada.other()
            try await ada.register("ada")
            try await grace.register("grace")
            let conversation = try await ada.open("grace").id
            for text in Self.hostile { try await grace.say(text, in: conversation) }

            let element = try await element(of: ada, at: "/chatwithme/grace?q=%3C%2Fscript%3E")
            #expect(!element.contains("<"))
            let state = try JSONValue(parsing: Array(element.utf8))
            guard case .array(let messages)? = state["shown"]?["page"]?["messages"] else {
                Issue.record("no messages in \(element)")
                return
            }
            #expect(messages.map { $0["text"] } == Self.hostile.map { .string($0) })
            #expect(state["people"]?["text"] == .string("</script>"))
        }
    }

    @Test func `a page without a conversation, of older messages or of later people hands over what it has`()
        async throws
    {
        try await TestGateway().test { ada in
            let grace = ada.other()
            try await ada.register("ada")
            try await grace.register("grace")
            let list = try await handedOver(by: ada, at: "/chatwith")
            #expect(list["list"] != nil && list["people"] != nil && list["shown"] == nil)
            #expect(try await handedOver(by: ada, at: "/chatwithme/grace")["shown"] == nil)
            #expect(try await handedOver(by: ada, at: "/chatwithme/nobody")["shown"] == nil)
            #expect(try await handedOver(by: ada, at: "/chatwith?after=ada")["people"] == nil)

            let conversation = try await ada.open("grace").id
            for number in 1...3 { try await ada.say("Line \(number)", in: conversation) }
            #expect(try await handedOver(by: ada, at: "/chatwithme/grace?before=2")["shown"] == nil)
            #expect(try await handedOver(by: ada, at: "/chatwithme/grace")["shown"] != nil)
        }
    }

    private func element(of browser: Browser, at path: String) async throws -> String {
        try element(in: try await browser.get(path).text)
    }

    private func element(in page: String) throws -> String {
        let begin = #"<script type="application/json" id="page-state">"#
        let start = try #require(page.range(of: begin)).upperBound
        let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)).lowerBound
        return String(page[start..<end])
    }

    private func handedOver(by browser: Browser, at path: String) async throws -> JSONValue {
        try JSONValue(parsing: Array(try await element(of: browser, at: path).utf8)).inOrder
    }

    private func answer(_ path: String, to browser: Browser) async throws -> JSONValue {
        try #require(try await browser.get(path).json).inOrder
    }
}

extension JSONValue {
    /// With the members of objects in the order of their names, which means nothing in JSON.
    fileprivate var inOrder: JSONValue {
        switch self {
        case .array(let items): .array(items.map(\.inOrder))
        case .object(let members):
            .object(
                members.map { Member(name: $0.name, value: $0.value.inOrder) }.sorted { $0.name < $1.name })
        default: self
        }
    }
}
