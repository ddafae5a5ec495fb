import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import MessageBus
import Testing

@testable import GatewayService

/// Editing, deleting, answering and reacting by the API.
@Suite(.serialized) struct MessageChangeTests {
    /// Ada and Bob with a conversation in which ada wrote message 1 and bob message 2.
    struct Pair: Sendable {
        let gateway: TestGateway
        let ada: Browser
        let bob: Browser
        let adaUser: User
        let bobUser: User
        let conversation: ConversationID

        func path(_ seq: Int64) -> String { "/api/v1/conversations/\(conversation)/messages/\(seq)" }

        func reaction(_ emoji: String, to seq: Int64) -> String {
            "\(path(seq))/reactions/\(FormFields.encoded(emoji))"
        }

        func edit(_ seq: Int64, _ text: String, rev: Int64, by browser: Browser? = nil) async throws -> TestResponse {
            let body = try JSONEncoder().encode(Edit(text: text, rev: rev))
            return try await (browser ?? ada).send(.patch, path(seq), body: String(decoding: body, as: UTF8.self))
        }

        func answer(_ seq: String, by browser: Browser) async throws -> TestResponse {
            try await browser.post(
                "/api/v1/conversations/\(conversation)/messages",
                #"{"clientMessageId":"\#(ClientMessageID.random())","text":"an answer","replyTo":\#(seq)}"#)
        }
    }

    private struct Conflict: Decodable {
        var message: Message
    }

    private struct Edit: Encodable {
        var text: String
        var rev: Int64
    }

    static func withPair(
        _ change: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @Sendable (Pair) async throws -> Void
    ) async throws {
        let gateway = try await TestGateway(change)
        try await gateway.test { ada in
            let bob = ada.other()
            let adaUser = try await ada.register("ada")
            let bobUser = try await bob.register("bob")
            let conversation = try await ada.open("bob").id
            try await ada.say("first", in: conversation)
            try await bob.say("second", in: conversation)
            try await body(
                Pair(
                    gateway: gateway, ada: ada, bob: bob, adaUser: adaUser, bobUser: bobUser,
                    conversation: conversation))
        }
    }

    @Test func `an edit gives the message with its new text, also when it is repeated`() async throws {
        try await Self.withPair { pair in
            for _ in 0..<2 {
                let answer = try await pair.edit(1, "first, but better", rev: 1)
                #expect(answer.status == .ok)
                let message = try answer.decode(Message.self)
                #expect(message.text == "first, but better" && message.seq == 1 && message.rev == 3)
                #expect(message.edit?.rev == 3)
            }
        }
    }

    @Test func `of two edits at once one wins, and the other gets the message as it is`() async throws {
        try await Self.withPair { pair in
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for text in ["one", "other"] { group.addTask { try await pair.edit(1, text, rev: 1) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.status)) == [.ok, .conflict])
            let lost = try #require(answers.first { $0.status == .conflict })
            let won = try #require(answers.first { $0.status == .ok }).decode(Message.self)
            #expect(lost.problemCode == "conflict")
            #expect(try lost.decode(Conflict.self).message == won)
            #expect(try await pair.edit(1, "again", rev: won.textRev).status == .ok)
        }
    }

    @Test func `a deletion gives the tombstone, also when it is repeated`() async throws {
        try await Self.withPair { pair in
            for _ in 0..<2 {
                let answer = try await pair.ada.send(.delete, pair.path(1))
                #expect(answer.status == .ok)
                let message = try answer.decode(Message.self)
                #expect(message.isDeleted && message.text.isEmpty && message.rev == 3)
            }
        }
    }

    @Test func `a reaction is set and taken back by whoever wants to, whatever came in between`() async throws {
        try await Self.withPair { pair in
            for _ in 0..<2 {
                let path = pair.reaction("👍", to: 1)
                for _ in 0..<2 {
                    let set = try await pair.bob.send(.put, path)
                    #expect(set.status == .ok)
                    #expect(
                        try set.decode(Message.self).reactions == [Reaction(emoji: "👍", users: [pair.bobUser.id])])
                }
                for _ in 0..<2 {
                    let removed = try await pair.bob.send(.delete, path)
                    #expect(removed.status == .ok)
                    #expect(try removed.decode(Message.self).reactions == [])
                }
            }
            #expect(try await pair.bob.send(.put, pair.reaction("❤️", to: 1)).status == .ok)
            #expect(try await pair.ada.send(.put, pair.reaction("🏴󠁧󠁢󠁳󠁣󠁴󠁿", to: 1)).status == .ok)
        }
    }

    @Test func `a reaction that names the state it saw conflicts with another state`() async throws {
        try await Self.withPair { pair in
            let path = pair.reaction("👍", to: 1)
            #expect(try await pair.bob.send(.put, path, body: #"{"rev":1}"#).status == .ok)
            // A copy of a withdrawal from before the reaction.
            let late = try await pair.bob.send(.delete, path, body: #"{"rev":1}"#)
            #expect(late.status == .conflict && late.problemCode == "conflict")
            #expect(late.json?["message"]?["reactions"]?.items.count == 1)
            let rev = try #require(late.json?["message"]?["rev"])
            #expect(rev == .integer(3))
            #expect(try await pair.bob.send(.delete, path, body: #"{"rev":3}"#).status == .ok)
            #expect(try await pair.bob.send(.put, path, body: #"{"rev":3}"#).status == .conflict)
            for wrong in [#"{"rev":0}"#, #"{"rev":"3"}"#, #"{"emoji":"👍"}"#] {
                #expect(try await pair.bob.send(.put, path, body: wrong).status == .unprocessableContent)
            }
        }
    }

    @Test func `an answer carries what it answers, and a deletion empties that`() async throws {
        try await Self.withPair { pair in
            let answer = try await pair.answer("2", by: pair.ada)
            #expect(answer.status == .ok)
            let quote = Quote(seq: 2, sender: pair.bobUser.id, text: "second")
            #expect(try answer.decode(Message.self).replyTo == quote)
            #expect(try await pair.edit(2, "changed", rev: 2, by: pair.bob).status == .ok)
            let history = "/api/v1/conversations/\(pair.conversation)/messages"
            let edited = try await pair.ada.get(history).decode(MessagePage.self)
            #expect(edited.messages.last?.replyTo == quote)
            _ = try await pair.bob.send(.delete, pair.path(2))
            let deleted = try await pair.ada.get(history).decode(MessagePage.self)
            #expect(deleted.messages.last?.replyTo == Quote(seq: 2, sender: pair.bobUser.id, text: nil))
        }
    }

    // MARK: What is refused

    /// A request that is refused, whatever it is about.
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: HTTPResponse.Status
        var code: String
        var field: String?
        let request: @Sendable (Pair) async throws -> TestResponse

        init(
            _ description: String, _ status: HTTPResponse.Status, _ code: String, field: String? = nil,
            request: @escaping @Sendable (Pair) async throws -> TestResponse
        ) {
            testDescription = description
            self.status = status
            self.code = code
            self.field = field
            self.request = request
        }
    }

    static let refusals = texts + owners + reactions + replies

    private static let texts: [Refusal] = [
        Refusal("an empty text", .unprocessableContent, "invalid", field: "text") { try await $0.edit(1, "", rev: 1) },
        Refusal("a blank text", .unprocessableContent, "invalid", field: "text") {
            try await $0.edit(1, " \n\u{2003}", rev: 1)
        },
        Refusal("a text that is too long", .unprocessableContent, "invalid", field: "text") {
            try await $0.edit(1, String(repeating: "é", count: Limits.messageCharacters + 1), rev: 1)
        },
        Refusal("no text", .unprocessableContent, "invalid", field: "text") {
            try await $0.ada.send(.patch, $0.path(1), body: #"{"rev":1}"#)
        },
        Refusal("no state", .unprocessableContent, "invalid", field: "rev") {
            try await $0.ada.send(.patch, $0.path(1), body: #"{"text":"x"}"#)
        },
        Refusal("an outdated state", .conflict, "conflict") { pair in
            _ = try await pair.edit(1, "changed", rev: 1)
            return try await pair.edit(1, "changed again", rev: 1)
        },
    ]

    private static let owners: [Refusal] = [
        Refusal("an edit of somebody else's", .forbidden, "forbidden", field: "seq") {
            try await $0.edit(2, "x", rev: 2)
        },
        Refusal("a deletion of somebody else's", .forbidden, "forbidden", field: "seq") {
            try await $0.ada.send(.delete, $0.path(2))
        },
        Refusal("an edit of a tombstone", .gone, "gone", field: "seq") { pair in
            _ = try await pair.ada.send(.delete, pair.path(1))
            return try await pair.edit(1, "x", rev: 1)
        },
        Refusal("a reaction to a tombstone", .gone, "gone", field: "seq") { pair in
            _ = try await pair.ada.send(.delete, pair.path(1))
            return try await pair.bob.send(.put, pair.reaction("👍", to: 1))
        },
        Refusal("an edit of a line about the conversation", .conflict, "not-editable", field: "seq") { pair in
            try await pair.edit(pair.systemLine(), "x", rev: 3)
        },
        Refusal("a deletion of a line about the conversation", .conflict, "not-editable", field: "seq") { pair in
            try await pair.ada.send(.delete, pair.path(pair.systemLine()))
        },
        Refusal("a reaction to a line about the conversation", .conflict, "not-editable", field: "seq") { pair in
            try await pair.ada.send(.delete, pair.reaction("👍", to: pair.systemLine()))
        },
        Refusal("an edit of a message that does not exist", .notFound, "not-found", field: "seq") {
            try await $0.edit(99, "x", rev: 1)
        },
        Refusal("a deletion of a message that cannot exist", .notFound, "not-found", field: "seq") {
            try await $0.ada.send(.delete, $0.path(0))
        },
        Refusal("a number that is none", .notFound, "not-found", field: "seq") {
            try await $0.ada.send(.delete, $0.path(1) + "x")
        },
        Refusal("a number with a sign", .notFound, "not-found", field: "seq") {
            try await $0.ada.send(.delete, "/api/v1/conversations/\($0.conversation)/messages/+1")
        },
        Refusal("an edit by somebody who is not a member", .notFound, "not-found") { pair in
            let eve = pair.ada.other()
            try await eve.register("eve")
            return try await pair.edit(1, "x", rev: 1, by: eve)
        },
        Refusal("a reaction of somebody who is not a member", .notFound, "not-found") { pair in
            let eve = pair.ada.other()
            try await eve.register("eve")
            return try await eve.send(.put, pair.reaction("👍", to: 1))
        },
    ]

    private static let reactions: [Refusal] = [
        Refusal("a reaction with text", .unprocessableContent, "invalid", field: "emoji") {
            try await $0.bob.send(.put, $0.reaction("ok", to: 1))
        },
        Refusal("a reaction with a digit", .unprocessableContent, "invalid", field: "emoji") {
            try await $0.bob.send(.put, $0.reaction("1", to: 1))
        },
        Refusal("a reaction with two emoji", .unprocessableContent, "invalid", field: "emoji") {
            try await $0.bob.send(.put, $0.reaction("👍👍", to: 1))
        },
        Refusal("a reaction that cannot be decoded", .unprocessableContent, "invalid", field: "emoji") {
            try await $0.bob.send(.put, $0.path(1) + "/reactions/%F0%9F")
        },
        Refusal("a reaction of a kilobyte", .unprocessableContent, "invalid", field: "emoji") {
            try await $0.bob.send(.put, $0.reaction("👍" + String(repeating: "\u{200d}👍", count: 140), to: 1))
        },
        Refusal("a reaction of ten kilobytes", .uriTooLong, "refused") {
            try await $0.bob.send(.put, $0.path(1) + "/reactions/" + String(repeating: "%F0%9F%91%8D", count: 853))
        },
        Refusal("the seventeenth kind", .unprocessableContent, "invalid", field: "emoji") { pair in
            let kinds = (0..<17).map { String(Unicode.Scalar(0x1f600 + $0)!) }
            for kind in kinds.dropLast() {
                let answer = try await pair.bob.send(.put, pair.reaction(kind, to: 1))
                #expect(answer.status == .ok)
            }
            return try await pair.bob.send(.put, pair.reaction(kinds[16], to: 1))
        },
    ]

    private static let replies: [Refusal] = [
        Refusal("an answer to nothing", .unprocessableContent, "invalid", field: "replyTo") {
            try await $0.answer("99", by: $0.ada)
        },
        Refusal("an answer to what cannot exist", .unprocessableContent, "invalid", field: "replyTo") {
            try await $0.answer("0", by: $0.ada)
        },
        Refusal("an answer to a text", .unprocessableContent, "invalid", field: "replyTo") {
            try await $0.answer(#""1""#, by: $0.ada)
        },
    ]

    @Test(arguments: refusals) func `it is refused`(_ refusal: Refusal) async throws {
        try await Self.withPair { pair in
            let answer = try await refusal.request(pair)
            #expect(answer.status == refusal.status, "\(answer.text)")
            #expect(answer.problemCode == refusal.code)
            if let field = refusal.field { #expect(answer.problemField == field) }
            #expect((answer.json?["message"] != nil) == (refusal.code == "conflict"))
        }
    }

    @Test func `an answer to a deleted message is stored without the quoted text`() async throws {
        try await Self.withPair { pair in
            _ = try await pair.bob.send(.delete, pair.path(2))
            let answer = try await pair.answer("2", by: pair.ada)
            #expect(answer.status == .ok)
            #expect(answer.json?["replyTo"]?["seq"] == .integer(2))
            #expect(answer.json?["replyTo"]?["text"] == nil)
        }
    }

    @Test func `a cursor above the head is answered with the newest messages`() async throws {
        try await Self.withPair { pair in
            let answer = try await pair.ada.post(
                "/api/v1/sync", #"{"cursors":{"\#(pair.conversation)":99},"recent":0}"#)
            let changes = try #require(answer.decode(SyncResult.self).changes.first)
            #expect(changes.reset && changes.cursor == 2)
            #expect(changes.messages.map(\.text) == ["first", "second"])
        }
    }

    @Test func `a sync brings what was changed, each message as it is now`() async throws {
        try await Self.withPair { pair in
            _ = try await pair.edit(1, "changed", rev: 1)
            _ = try await pair.bob.send(.put, pair.reaction("👍", to: 1))
            _ = try await pair.bob.send(.delete, pair.path(2))
            let answer = try await pair.ada.post(
                "/api/v1/sync", #"{"cursors":{"\#(pair.conversation)":2},"recent":0}"#)
            let changes = try #require(answer.decode(SyncResult.self).changes.first)
            #expect(changes.cursor == 5 && !changes.reset)
            #expect(changes.messages.map(\.rev) == [4, 5])
            #expect(changes.messages.map(\.text) == ["changed", ""])
        }
    }

    // MARK: Allowances

    @Test func `changes take from the allowance of messages, and of nothing else`() async throws {
        try await Self.withPair({ configuration in
            configuration.sendRate = Rate(perSecond: 0.001, burst: 3)
            configuration.requestsInFlight = 1
        }) { pair in
            // One message of each of them was sent.
            #expect(try await pair.edit(1, "changed", rev: 1).status == .ok)
            #expect(try await pair.ada.send(.put, pair.reaction("👍", to: 2)).status == .ok)
            for answer in [
                try await pair.edit(1, "again", rev: 3), try await pair.ada.send(.delete, pair.path(1)),
                try await pair.ada.send(.put, pair.reaction("👍", to: 1)),
                try await pair.ada.send(.delete, pair.reaction("👍", to: 2)), try await pair.answer("2", by: pair.ada),
            ] {
                #expect(answer.status == .tooManyRequests && answer.problemCode == "too-many-requests")
            }
            #expect(try await pair.ada.get("/api/v1/account").status == .ok)
            #expect(try await pair.bob.send(.delete, pair.path(2)).status == .ok)
        }
    }

    @Test func `a change whose outcome is unknown says so`() async throws {
        try await Self.withPair { pair in
            pair.gateway.chat.withState { $0.failure = Problem(.outcomeUnknown, of: .command) }
            for answer in [
                try await pair.edit(1, "changed", rev: 1), try await pair.ada.send(.delete, pair.path(1)),
                try await pair.ada.send(.put, pair.reaction("👍", to: 1)),
            ] {
                #expect(answer.status == .gatewayTimeout && answer.problemCode == "outcome-unknown")
            }
        }
    }
}

extension MessageChangeTests.Pair {
    func systemLine() -> Int64 {
        gateway.chat.withState { $0.addSystemLine("A line", to: conversation, by: adaUser.id) }
    }
}
