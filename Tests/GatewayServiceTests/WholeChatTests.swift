import ChatContracts
import Foundation
import LocalStack
import NIOHTTP1
import ServiceKit
import TestSupport
import Testing

@testable import GatewayService

@Suite("The gateway with the real services", .serialized, .timeLimit(.minutes(5)))
struct WholeChatTests {
    @Test func `Two people on two gateways see each other's messages at once`() async throws {
        try await withRunningChat(gateways: 2) { chat in
            let ada = chat.browser(0)
            let bob = chat.browser(1)
            let adaUser = try await ada.register("ada")
            let bobUser = try await bob.register("bob")
            let conversation = try await ada.open("BOB")
            #expect(conversation.id == .direct(adaUser.id, bobUser.id))
            try await withEvents(chat.addresses[0], token: ada.token) { adas in
                try await withEvents(chat.addresses[1], token: bob.token) { bobs in
                    let answer = try await ada.say("hello", in: conversation.id)
                    #expect(answer.status == 200)
                    let sent = try answer.decode(Message.self)
                    #expect(sent.seq == 1 && sent.sender == adaUser.id && sent.text == "hello")
                    for reader in [adas, bobs] {
                        try await eventually("the message came") {
                            reader.events.contains { $0.name == "message.sent" }
                        }
                        let event = try #require(reader.events.first { $0.name == "message.sent" })
                        #expect(try JSONDecoder().decode(Message.self, from: Data(event.data.utf8)) == sent)
                    }
                    _ = try await bob.send(
                        .PUT, "/api/v1/conversations/\(conversation.id)/position", body: #"{"read":1}"#)
                    try await eventually("the position came") {
                        adas.events.contains {
                            $0.name == "position.changed" && $0.data.contains(bobUser.id.description)
                        }
                    }
                }
            }
        }
    }

    @Test func `Two people on two gateways see changes of messages at once, with the bytes of the answer`() async throws
    {
        try await withRunningChat(gateways: 2) { chat in
            let ada = chat.browser(0)
            let bob = chat.browser(1)
            _ = try await ada.register("ada")
            _ = try await bob.register("bob")
            let conversation = try await ada.open("bob").id
            #expect(try await ada.say("hello", in: conversation).status == 200)
            let path = "/api/v1/conversations/\(conversation)/messages/1"
            try await withEvents(chat.addresses[0], token: ada.token) { adas in
                try await withEvents(chat.addresses[1], token: bob.token) { bobs in
                    let requests: [(LiveBrowser, HTTPMethod, String, String?)] = [
                        (ada, .PATCH, path, #"{"text":"hello you","rev":1}"#),
                        (bob, .PUT, path + "/reactions/%F0%9F%91%8D", nil),
                        (bob, .DELETE, path + "/reactions/%F0%9F%91%8D", nil),
                        (ada, .DELETE, path, nil),
                    ]
                    for (index, (browser, method, path, body)) in requests.enumerated() {
                        let answer = try await browser.send(method, path, body: body)
                        #expect(answer.status == 200, "\(answer.text)")
                        #expect(try answer.decode(Message.self).rev == Int64(index + 2))
                        for reader in [adas, bobs] {
                            try await eventually("the change came") {
                                reader.events.contains { $0.name == "message.changed" && $0.data == answer.text }
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `A message sent many times, to both gateways, is one message with one answer`() async throws {
        try await withRunningChat(gateways: 2) { chat in
            let ada = chat.browser(0)
            _ = try await ada.register("ada")
            _ = try await chat.browser(1).register("bob")
            let other = LiveBrowser(address: chat.addresses[1], token: ada.token)
            let conversation = try await ada.open("bob")
            let id = ClientMessageID.random()
            let answers = try await withThrowingTaskGroup(of: LiveBrowser.Response.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        try await (number.isMultiple(of: 2) ? ada : other).say("once", in: conversation.id, id: id)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(try await ada.history(conversation.id).messages.map(\.text) == ["once"])
            #expect(try await ada.say("changed", in: conversation.id, id: id).status == 409)
        }
    }

    @Test func `A session that ends on one gateway is dead on the other, with its streams`() async throws {
        try await withRunningChat(gateways: 2) { chat in
            let here = chat.browser(0)
            _ = try await here.register("ada")
            let there = LiveBrowser(address: chat.addresses[1])
            try await there.signIn("ada")
            #expect(try await there.send(.GET, "/api/v1/account").status == 200)
            try await withEvents(chat.addresses[1], token: there.token) { reader in
                #expect(try await here.send(.DELETE, "/api/v1/sessions").status == 204)
                try await eventually("the stream has ended") { reader.isOver }
            }
            #expect(try await there.send(.GET, "/api/v1/account").status == 401)
            #expect(try await here.send(.GET, "/api/v1/account").status == 200)
        }
    }

    @Test func `Pages chat without any script, and the account is one for pages and API`() async throws {
        try await withRunningChat { chat in
            let ada = chat.browser()
            let form = "application/x-www-form-urlencoded"
            _ = try await ada.register("ada", displayName: "Ada L.")
            let bob = chat.browser()
            _ = try await bob.register("bob")
            let id = ClientMessageID.random()
            for _ in 0..<2 {
                let sent = try await ada.send(
                    .POST, "/chatwithme/bob", body: "text=hello+%3Cb%3E&clientMessageId=\(id)", type: form)
                #expect(sent.status == 200)
                #expect(sent.text.contains("hello &lt;b&gt;"), "the form leads to the conversation")
            }
            let page = try await bob.send(.GET, "/chatwithme/ada")
            #expect(page.status == 200)
            #expect(page.text.contains("hello &lt;b&gt;"))
            #expect(page.text.contains("Ada L."))
            let list = try await bob.send(.GET, "/api/v1/conversations").decode(ConversationList.self)
            #expect(list.conversations.first?.lastMessage?.text == "hello <b>")
            #expect(list.conversations.first?.unread == 1, "having been shown is not having been read")
            let read = try await bob.send(.POST, "/chatwithme/ada/read", body: "readUpTo=1", type: form)
            #expect(read.status == 200)
            let after = try await bob.send(.GET, "/api/v1/conversations").decode(ConversationList.self)
            #expect(after.conversations.first?.unread == 0)
        }
    }

    @Test func `Wrong passwords, taken names and weak passwords are told apart`() async throws {
        try await withRunningChat { chat in
            let ada = chat.browser()
            _ = try await ada.register("ada")
            func code(_ path: String, _ body: String) async throws -> (Int, String) {
                let answer = try await chat.browser().send(.POST, path, body: body)
                struct Document: Decodable { var code: String }
                return (answer.status, try answer.decode(Document.self).code)
            }
            #expect(
                try await code("/api/v1/session", #"{"username":"ada","password":"wrong"}"#)
                    == (401, "wrong-credentials"))
            #expect(
                try await code("/api/v1/accounts", #"{"username":"ADA","password":"korrekt pferd"}"#)
                    == (409, "username-taken"))
            #expect(
                try await code("/api/v1/accounts", #"{"username":"bob","password":"short"}"#) == (422, "weak-password"))
            #expect(
                try await code("/api/v1/accounts", #"{"username":"b b","password":"korrekt pferd"}"#)
                    == (422, "invalid"))
        }
    }

    @Test func `While the broker is away everything says so, and afterwards everything goes on by itself`() async throws
    {
        try await withPrivateBroker { node, broker in
            try await withRunningChat(on: broker) { chat in
                let ada = chat.browser()
                _ = try await ada.register("ada")
                _ = try await chat.browser().register("bob")
                let conversation = try await ada.open("bob")
                let ids = [ClientMessageID.random(), ClientMessageID.random()]
                try await withEvents(ada.address, token: ada.token) { reader in
                    #expect(try await ada.say("before", in: conversation.id, id: ids[0]).status == 200)
                    await node.kill()

                    try await eventually("sending is refused") {
                        let answer = try await ada.say("during", in: conversation.id, id: ids[1])
                        #expect([503, 504].contains(answer.status))
                        return answer.status == 503 && answer.headers["Retry-After"].first != nil
                    }
                    #expect(try await ada.send(.GET, "/api/v1/conversations").status == 503)
                    let page = try await ada.send(.GET, "/chatwith")
                    #expect(page.status == 503 && page.text.contains("cannot be reached right now"))
                    #expect(try await chat.browser().send(.GET, "/signin").status == 200)
                    #expect(await chat.readiness[0].report().isReady == false)
                    #expect(!reader.isOver, "streams stay open")

                    try await node.start()
                    try await eventually("sending works again", within: .seconds(90)) {
                        try await ada.say("during", in: conversation.id, id: ids[1]).status == 200
                    }
                    // Queries have a queue of their own, and may come back later.
                    try await eventually("reading works again") {
                        try await ada.send(.GET, "/api/v1/conversations/\(conversation.id)/messages").status == 200
                    }
                    #expect(try await ada.history(conversation.id).messages.map(\.text) == ["before", "during"])
                    try await eventually("the stream was told to sync") {
                        reader.events.contains { $0.name == "resync" }
                    }
                    try await eventually("the gateway is ready") {
                        await chat.readiness[0].report().isReady
                    }
                    try await eventually("pages are complete again") {
                        try await ada.send(.GET, "/chatwith").status == 200
                    }
                }
            }
        }
    }
}
