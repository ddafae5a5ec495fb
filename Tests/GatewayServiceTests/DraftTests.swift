import ChatContracts
import Foundation
import HTTPTypes
import JSON
import NIOHTTP1
import TestSupport
import Testing

@testable import GatewayService

/// What somebody has begun to write, on all of their devices, with a real database and a real broker.
@Suite(.timeLimit(.minutes(5))) struct DraftTests {
    private struct Kept: Decodable, Equatable {
        var conversation: ConversationID
        var text: String
        var replyTo: Int64?
        var writtenAt: Timestamp
    }

    private struct List: Decodable {
        var drafts: [Kept]
        var asOf: Timestamp
    }

    private func save(
        _ text: String, in conversation: ConversationID, by browser: LiveBrowser, replyTo: Int64? = nil, age: Int64 = 0
    ) async throws -> Kept {
        let answer = try await browser.send(
            .PUT, "/api/v1/conversations/\(conversation)/draft",
            body: #"{"text":"\#(text)","age":\#(age)\#(replyTo.map { ",\"replyTo\":\($0)" } ?? "")}"#)
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.decode(Kept.self)
    }

    private func list(_ browser: LiveBrowser, since: Timestamp? = nil) async throws -> List {
        try await browser.send(.GET, "/api/v1/drafts" + (since.map { "?since=\($0)" } ?? "")).decode(List.self)
    }

    @Test func `a draft is the same on every device, live and later, and nobody else's`() async throws {
        try await withRunningChat(gateways: 2) { chat in
            let (ada, bob) = (chat.browser(0), chat.browser(1))
            _ = try await ada.register("ada")
            _ = try await bob.register("bob")
            let other = chat.browser(1)
            try await other.signIn("ada")
            let conversation = ConversationID.random()
            try await withEvents(chat.addresses[1], token: other.token) { others in
                try await withEvents(chat.addresses[1], token: bob.token) { bobs in
                    let kept = try await save("begun", in: conversation, by: ada, replyTo: 7)
                    #expect(kept.text == "begun" && kept.replyTo == 7)
                    try await eventually("the other device hears of it") {
                        try others.events.contains {
                            try $0.name == "draft.changed"
                                && JSONDecoder().decode(Kept.self, from: Data($0.data.utf8)) == kept
                        }
                    }
                    #expect(try await list(other).drafts == [kept])
                    #expect(try await list(bob).drafts.isEmpty)
                    #expect(!bobs.events.contains { $0.name == "draft.changed" })
                }
            }
        }
    }

    @Test func `the one that was written later counts, whichever comes first, and an empty one is remembered`()
        async throws
    {
        try await withRunningChat { chat in
            let ada = chat.browser(0)
            _ = try await ada.register("ada")
            let conversation = ConversationID.random()
            let first = try await save("an hour ago", in: conversation, by: ada, age: 3_600_000)
            let second = try await save("a minute ago", in: conversation, by: ada, age: 60_000)
            #expect(second.text == "a minute ago" && second.writtenAt > first.writtenAt)
            // A device that was away comes back.
            #expect(try await save("ten minutes ago", in: conversation, by: ada, age: 600_000) == second)
            let now = try await save("", in: conversation, by: ada)
            #expect(now.text.isEmpty)
            #expect(try await save("half a minute ago", in: conversation, by: ada, age: 30_000) == now)
            let all = try await list(ada)
            #expect(all.drafts == [now])
            // What is new is asked for from then on, with a minute to spare.
            #expect(
                try await list(ada, since: Timestamp(milliseconds: all.asOf.milliseconds + 61_000)).drafts.isEmpty)
            #expect(try await list(ada, since: all.asOf).drafts == [now])
        }
    }

    @Test func `two devices that save at the same moment agree`() async throws {
        try await withRunningChat { chat in
            let ada = chat.browser(0)
            _ = try await ada.register("ada")
            let conversation = ConversationID.random()
            let kept = try await withThrowingTaskGroup(of: Kept.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        try await save("\(number)", in: conversation, by: ada, age: Int64(number) * 10_000)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(kept.count == 12)
            #expect(try await list(ada).drafts.map(\.text) == ["0"])
        }
    }

    @Test func `of too many drafts the oldest go, and what is too long or wrong is refused`() async throws {
        try await withRunningChat { chat in
            let ada = chat.browser(0)
            _ = try await ada.register("ada")
            let conversations = (0..<Draft.mostPerUser + 3).map { ConversationID(high: 1, low: UInt64($0)) }
            for conversation in conversations { _ = try await save("x", in: conversation, by: ada) }
            let left = Set(try await list(ada).drafts.map(\.conversation))
            #expect(left == Set(conversations.suffix(Draft.mostPerUser)))

            for body in [
                #"{"text":"\#(String(repeating: "x", count: 16_385))"}"#, #"{"text":5}"#, "{}",
                #"{"text":"","age":-1}"#,
                #"{"text":"x","replyTo":0}"#,
            ] {
                let answer = try await ada.send(
                    .PUT, "/api/v1/conversations/\(conversations[0])/draft", body: body)
                #expect(answer.status == 422, "\(body.prefix(40))")
            }
            #expect(try await ada.send(.GET, "/api/v1/drafts?since=yesterday").status == 422)
            #expect(try await ada.send(.PUT, "/api/v1/conversations/x/draft", body: #"{"text":""}"#).status == 404)
        }
    }
}
