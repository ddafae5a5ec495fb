import ChatContracts
import Foundation
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import GatewayService

/// Whom a text calls is found by the gateway; the messages service decides who of them is a member.
@Suite(.timeLimit(.minutes(5))) struct MentionTests {
    private func post(
        _ text: String, in group: ConversationID, by browser: Browser
    ) async throws -> (status: HTTPResponse.Status, message: Message) {
        let response = try await browser.send(
            .post, "/api/v1/conversations/\(group)/messages",
            body: #"{"clientMessageId":"\#(ClientMessageID.random())","text":"\#(text)"}"#)
        return (response.status, try JSONDecoder().decode(Message.self, from: Data(Array(buffer: response.body))))
    }

    private func group(of browser: Browser, with names: [String]) async throws -> ConversationID {
        let usernames = names.map { "\"\($0)\"" }.joined(separator: ",")
        let response = try await browser.send(
            .post, "/api/v1/groups",
            body: #"{"clientMessageId":"\#(ClientMessageID.random())","name":"Allotment","usernames":[\#(usernames)]}"#)
        return try JSONDecoder().decode(GroupChanged.self, from: Data(Array(buffer: response.body))).conversation
    }

    @Test(arguments: [TestingSetup.router, .ahc()])
    func `names behind an at sign are looked up once, however they are written, on both ways`(
        _ setup: TestingSetup
    ) async throws {
        let gateway = try await TestGateway()
        try await gateway.test(setup) { ada in
            try await ada.register("ada")
            try await ada.other().register("Bob")
            try await ada.other().register("cem")
            let group = try await group(of: ada, with: ["bob"])
            let bob = try #require(gateway.chat.withState { $0.users.values.first { $0.username == "Bob" } })

            let sent = try await post("hi @bob, @BOB. and @cem @nobody", in: group, by: ada)
            #expect(sent.status == .ok)
            #expect(sent.message.mentions == [Mention(user: bob.id, name: "Bob")])
            let escaped = try await post(#"hi \u0040bob"#, in: group, by: ada)
            #expect(escaped.message.mentions == [Mention(user: bob.id, name: "Bob")])
            #expect(try await post("hi @all", in: group, by: ada).message.mentions == [.everybody])

            let lookUps = gateway.chat.withState { $0.requests.filter { $0 == LookUpUsers.typeName }.count }
            #expect(try await post("nobody at all", in: group, by: ada).message.mentions.isEmpty)
            #expect(try await post("a@b `@bob`", in: group, by: ada).message.mentions.isEmpty)
            #expect(
                gateway.chat.withState { $0.requests.filter { $0 == LookUpUsers.typeName }.count } == lookUps,
                "without a name nothing is looked up")

            let edited = try await ada.send(
                .patch, "/api/v1/conversations/\(group)/messages/\(sent.message.seq)",
                body: #"{"text":"not @cem","rev":\#(sent.message.seq)}"#)
            #expect(try JSONDecoder().decode(Message.self, from: Data(Array(buffer: edited.body))).mentions.isEmpty)
        }
    }

    @Test func `while names cannot be looked up a text with names waits, and others do not`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test(.ahc()) { ada in
            try await ada.register("ada")
            let group = try await group(of: ada, with: [])
            gateway.chat.withState { $0.refused = [LookUpUsers.typeName: .unavailable("Users")] }
            #expect(try await post("hello", in: group, by: ada).status == .ok)
            let refused = try await ada.send(
                .post, "/api/v1/conversations/\(group)/messages",
                body: #"{"clientMessageId":"\#(ClientMessageID.random())","text":"hello @somebody"}"#)
            #expect(refused.status == .serviceUnavailable)
        }
    }

    @Test func `an at sign in a body is found wherever it is`() {
        func mayMention(_ text: String) -> Bool { DirectSending.mayMention(ByteBuffer(string: text)) }
        #expect(mayMention(#"{"text":"@"}"#) && mayMention(#"{"text":"\u0040"}"#) && mayMention(#"\u0040"#))
        #expect(!mayMention("") && !mayMention(#"{"text":"\u0041"}"#) && !mayMention(#"\u004"#))
    }

    @Test func `pages show who is called, in the list, over the messages and in them`() async throws {
        try await TestGateway().test { ada in
            let bob = ada.other()
            try await ada.register("ada")
            try await bob.register("bob")
            let group = try await group(of: ada, with: ["bob"])
            #expect(!(try await bob.get("/chatwith").text.contains("badge at")))
            let sent = try await post("hi @bob", in: group, by: ada).message

            let list = try await bob.get("/chatwith?show=mentions").text
            #expect(list.contains("Mentions <span class=\"count\">1</span>"))
            #expect(list.contains("<span class=\"badge at\" aria-hidden=\"true\">@</span>") && list.contains("hi @bob"))
            let page = try await bob.get("/g/\(group)").text
            #expect(page.contains("<a class=\"mention me\" href=\"/chatwithme/bob\">@bob</a>"))
            #expect(page.contains("mentions-me"))
            #expect(page.contains("href=\"/g/\(group)?at=\(sent.seq)#m\(sent.seq)\">You are mentioned</a>"))
            let adas = try await ada.get("/g/\(group)").text
            #expect(adas.contains("<a class=\"mention\" href=\"/chatwithme/bob\">@bob</a>"))
            #expect(!adas.contains("mentions-me"))
            #expect(try await ada.get("/chatwith?show=mentions").text.contains("Nothing unread mentions you."))

            _ = try await bob.submit("/g/\(group)/read", ["readUpTo": "\(sent.seq)"])
            #expect(!(try await bob.get("/chatwith").text.contains("badge at")))
        }
    }
}
