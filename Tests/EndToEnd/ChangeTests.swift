import AsyncHTTPClient
import ChatContracts
import Foundation
import NIOCore
import NIOHTTP1
import StackCommand
import Testing

extension StackTests {
    /// Messages that are changed, by the API of the real programs: two gateways, and two of each service behind them.
    @Suite("Changed messages", .serialized, .timeLimit(.minutes(5)))
    struct ChangeTests {
        /// Somebody who is signed in at one of the gateways.
        private final class Person: Sendable {
            let address: String
            let cookie: String
            let user: User

            /// - Parameter name: made unique.
            init(_ name: String, at address: String) async throws {
                self.address = address
                let username = "\(name)-\(UserID.random().description.prefix(12))"
                let answer = try await Self.exchange(
                    .POST, address, "/api/v1/accounts",
                    body: #"{"username":"\#(username)","password":"korrekt pferd"}"#)
                user = try answer.decode(User.self)
                cookie = try #require(answer.cookie)
            }

            private init(_ person: Person, at address: String) {
                self.address = address
                cookie = person.cookie
                user = person.user
            }

            /// The same session at another gateway.
            func moved(to address: String) -> Person { Person(self, at: address) }

            func send(_ method: HTTPMethod, _ path: String, _ body: String? = nil) async throws -> Response {
                try await Self.exchange(method, address, path, body: body, cookie: cookie)
            }

            private static func exchange(
                _ method: HTTPMethod, _ address: String, _ path: String, body: String?, cookie: String? = nil
            ) async throws -> Response {
                var request = HTTPClientRequest(url: address + path)
                request.method = method
                request.headers.add(name: "Origin", value: address)
                if let cookie { request.headers.add(name: "Cookie", value: cookie) }
                if let body {
                    request.headers.add(name: "Content-Type", value: "application/json")
                    request.body = .bytes(ByteBuffer(string: body))
                }
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                return Response(
                    status: Int(response.status.code),
                    cookie: response.headers["Set-Cookie"].first.map { String($0.prefix { $0 != ";" }) },
                    body: Array(try await response.body.collect(upTo: 1 << 22).readableBytesView))
            }
        }

        private struct Response: Sendable {
            var status: Int
            var cookie: String?
            var body: [UInt8]

            func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
                try JSONDecoder().decode(type, from: Data(body))
            }

            var text: String { String(decoding: body, as: UTF8.self) }
        }

        private struct Refusal: Decodable {
            var code: String
            var field: String?
            var message: Message?
        }

        /// Two people at two gateways, and what they wrote: ada the first message, bob the second.
        private struct Pair: Sendable {
            let ada: Person
            let bob: Person
            let eve: Person
            let conversation: ConversationID
            let gateways: [String]

            var messages: String { "/api/v1/conversations/\(conversation)/messages" }

            func path(_ seq: Int64) -> String { "\(messages)/\(seq)" }

            func reaction(_ emoji: String, to seq: Int64) -> String {
                let encoded = emoji.utf8.map { "%" + String(Int($0) | 0x100, radix: 16).dropFirst() }.joined()
                return "\(path(seq))/reactions/\(encoded)"
            }

            func write(_ text: String, replyTo: Int64? = nil, by person: Person) async throws -> Response {
                let reply = replyTo.map { #","replyTo":\#($0)"# } ?? ""
                return try await person.send(
                    .POST, messages, #"{"clientMessageId":"\#(ClientMessageID.random())","text":"\#(text)"\#(reply)}"#)
            }

            func edit(_ seq: Int64, _ text: String, rev: Int64, by person: Person) async throws -> Response {
                try await person.send(.PATCH, path(seq), #"{"text":"\#(text)","rev":\#(rev)}"#)
            }

            func history(of person: Person) async throws -> MessagePage {
                try await person.send(.GET, messages).decode(MessagePage.self)
            }
        }

        private static func pair() async throws -> Pair {
            let gateways = RunningStack.gateways(of: try await RunningStack.start())
            let ada = try await Person("ada", at: gateways[0])
            let bob = try await Person("bob", at: gateways[1])
            let opened = try await ada.send(
                .POST, "/api/v1/conversations", #"{"username":"\#(bob.user.username)"}"#
            ).decode(Conversation.self)
            let pair = Pair(
                ada: ada, bob: bob, eve: try await Person("eve", at: gateways[0]), conversation: opened.id,
                gateways: gateways)
            #expect(try await pair.write("first", by: ada).status == 200)
            #expect(try await pair.write("what was second", by: bob).status == 200)
            return pair
        }

        private func expect(
            _ answer: Response, _ status: Int, _ code: String, field: String? = nil,
            at location: SourceLocation = #_sourceLocation
        ) throws {
            #expect(answer.status == status, "\(answer.text)", sourceLocation: location)
            let refusal = try answer.decode(Refusal.self)
            #expect(refusal.code == code, sourceLocation: location)
            if let field { #expect(refusal.field == field, sourceLocation: location) }
        }

        @Test func `An edit that both gateways deliver is one edit, and of two edits at once one wins`() async throws {
            let pair = try await Self.pair()
            let people = [pair.ada, pair.ada.moved(to: pair.gateways[1])]
            let same = try await withThrowingTaskGroup(of: Response.self) { group in
                for person in people { group.addTask { try await pair.edit(1, "better", rev: 1, by: person) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(same.map(\.status) == [200, 200] && same[0].body == same[1].body)
            #expect(try same[0].decode(Message.self).rev == 3)
            #expect(try await pair.edit(1, "better", rev: 1, by: pair.ada).body == same[0].body)

            let different = try await withThrowingTaskGroup(of: Response.self) { group in
                for (index, person) in people.enumerated() {
                    group.addTask { try await pair.edit(1, "version \(index)", rev: 3, by: person) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }.sorted { $0.status < $1.status }
            #expect(different[0].status == 200)
            try expect(different[1], 409, "conflict")
            let won = try different[0].decode(Message.self)
            #expect(try different[1].decode(Refusal.self).message == won)
            #expect(try await pair.history(of: pair.bob).messages.first == won)
        }

        @Test func `Texts that are empty or too long change nothing`() async throws {
            let pair = try await Self.pair()
            for text in ["", "  ", String(repeating: "x", count: Limits.messageCharacters + 1)] {
                try expect(
                    await pair.edit(1, text, rev: 1, by: pair.ada), 422, "invalid", field: "text")
            }
            #expect(try await pair.history(of: pair.bob).head == 2)
        }

        @Test func `Only its writer changes a message, members react to it, and others find none`() async throws {
            let pair = try await Self.pair()
            try expect(await pair.edit(2, "mine", rev: 2, by: pair.ada), 403, "forbidden", field: "seq")
            try expect(await pair.ada.send(.DELETE, pair.path(2)), 403, "forbidden", field: "seq")
            try expect(await pair.edit(99, "nothing", rev: 2, by: pair.ada), 404, "not-found", field: "seq")
            for answer in [
                try await pair.edit(1, "x", rev: 1, by: pair.eve), try await pair.eve.send(.DELETE, pair.path(1)),
                try await pair.eve.send(.PUT, pair.reaction("👍", to: 1)),
                try await pair.eve.send(.DELETE, pair.reaction("👍", to: 1)),
                try await pair.write("x", replyTo: 1, by: pair.eve),
            ] {
                try expect(answer, 404, "not-found")
            }
            #expect(try await pair.history(of: pair.bob).head == 2)
        }

        @Test func `A deletion empties the message and every quote of it, and leaves the counts right`() async throws {
            let pair = try await Self.pair()
            #expect(try await pair.write("an answer", replyTo: 2, by: pair.ada).status == 200)
            let quote = try await pair.history(of: pair.bob).messages.last?.replyTo
            #expect(quote == Quote(seq: 2, sender: pair.bob.user.id, text: "what was second"))
            let tombstone = try await pair.bob.send(.DELETE, pair.path(2))
            #expect(tombstone.status == 200)
            #expect(try await pair.bob.send(.DELETE, pair.path(2)).body == tombstone.body)
            let page = try await pair.history(of: pair.ada)
            #expect(page.messages.map(\.text) == ["first", "", "an answer"])
            #expect(page.messages.map(\.isDeleted) == [false, true, false])
            #expect(page.messages[2].replyTo == Quote(seq: 2, sender: pair.bob.user.id, text: nil))
            for person in [pair.ada, pair.bob] {
                let view = try await person.send(.GET, "/api/v1/conversations/\(pair.conversation)")
                #expect(try view.decode(Conversation.self).unread == (person === pair.ada ? 0 : 2))
            }
            let chat = try await pair.ada.send(.GET, "/chatwithme/\(pair.bob.user.username)").text
            #expect(chat.contains("</svg>Message deleted</p>"))
            #expect(chat.contains("<span class=\"quote-text gone\">Message deleted</span>"))
            #expect(!chat.contains("what was second"))

            try expect(await pair.edit(2, "x", rev: 2, by: pair.bob), 410, "gone", field: "seq")
            try expect(await pair.ada.send(.PUT, pair.reaction("👍", to: 2)), 410, "gone", field: "seq")
            let late = try await pair.write("a late answer", replyTo: 2, by: pair.ada)
            #expect(late.status == 200)
            #expect(try late.decode(Message.self).replyTo?.text == nil)
            for wrong in [Int64(99), 0] {
                try expect(
                    await pair.write("x", replyTo: wrong, by: pair.ada), 422, "invalid", field: "replyTo")
            }
        }

        @Test func `Reactions come and go, sixteen kinds at most, and each is one emoji`() async throws {
            let pair = try await Self.pair()
            for _ in 0..<3 {
                #expect(try await pair.bob.send(.PUT, pair.reaction("❤️", to: 1)).status == 200)
                #expect(try await pair.ada.send(.PUT, pair.reaction("❤️", to: 1)).status == 200)
                #expect(try await pair.bob.send(.DELETE, pair.reaction("❤️", to: 1)).status == 200)
            }
            let left = try await pair.history(of: pair.bob).messages[0].reactions
            #expect(left == [Reaction(emoji: "❤️", users: [pair.ada.user.id])])
            for emoji in ["ok", "1", "👍👍", "👍" + String(repeating: "\u{200d}👍", count: 120)] {
                try expect(
                    await pair.bob.send(.PUT, pair.reaction(emoji, to: 1)), 422, "invalid", field: "emoji")
            }
            let long = try await pair.bob.send(.PUT, pair.reaction(String(repeating: "👍", count: 2_560), to: 1))
            #expect(long.status >= 400 && long.status < 500)
            for kind in 0..<15 {
                let emoji = String(Unicode.Scalar(0x1f600 + kind)!)
                #expect(try await pair.bob.send(.PUT, pair.reaction(emoji, to: 1)).status == 200)
            }
            try expect(await pair.bob.send(.PUT, pair.reaction("👍", to: 1)), 422, "invalid", field: "emoji")
            #expect(try await pair.bob.send(.PUT, pair.reaction("❤️", to: 1)).status == 200, "a kind that is there")
        }

        @Test func `A sync brings changes from any cursor, also from one above the head`() async throws {
            let pair = try await Self.pair()
            #expect(try await pair.edit(1, "better", rev: 1, by: pair.ada).status == 200)
            #expect(try await pair.ada.send(.PUT, pair.reaction("👍", to: 2)).status == 200)
            #expect(try await pair.edit(1, "best", rev: 3, by: pair.ada).status == 200)
            let fresh = try await pair.history(of: pair.bob)
            for cursor in [Int64(0), 1, 2, 3, 4, 5, 6, 1_000_000] {
                let answer = try await pair.bob.send(
                    .POST, "/api/v1/sync", #"{"cursors":{"\#(pair.conversation)":\#(cursor)},"recent":0}"#)
                let changes = try answer.decode(SyncResponse.self).changes
                guard cursor != 5 else {
                    #expect(changes.isEmpty)
                    continue
                }
                let change = try #require(changes.first)
                #expect(change.cursor == 5 && change.reset == (cursor > 5))
                let wanted = fresh.messages.filter { cursor > 5 || $0.rev > cursor }
                #expect(Set(change.messages) == Set(wanted))
            }
        }
    }
}
