import ChatContracts
import Foundation
import Testing

@testable import GatewayService

@Suite struct NamedUsersTests {
    private let ada = UserID.random()
    private let bob = UserID.random()

    private func page(text: String) throws -> [UInt8] {
        let id = ConversationID.random()
        let conversation = Conversation(
            id: id, form: .direct,
            members: [.init(user: ada, received: 1, read: 0), .init(user: bob, received: 1, read: 1)], head: 1,
            unread: 1,
            lastMessage: Message(
                conversation: id, seq: 1, rev: 1, sender: bob, clientMessageId: .random(), text: text, sentAt: .now),
            createdAt: .now)
        return [UInt8](try JSONEncoder().encode(ConversationPage(conversations: [conversation], next: text)))
    }

    private func account(_ id: UserID, _ name: String, about: String? = nil) -> User {
        User(
            id: id, username: "somebody", displayName: name, about: about,
            createdAt: Timestamp(milliseconds: 1_750_000_000_123))
    }

    @Test(arguments: [
        "hello", "", "\\", "\\\"", #""user":"00000000000000000000000000000001""#, #""user":""#, "user", #"{"user":"#,
        "\n\t\u{0}\u{1f}", "👩‍👩‍👧 ünïcödé \u{2028}",
    ])
    func `the members are found and the answer stays as it was, whatever people write`(_ text: String) throws {
        let bytes = try page(text: text)
        let answer = try NamedUsers(bytes)
        #expect(answer.users == [ada, bob])
        let users = [ada: account(ada, text), bob: account(bob, "Bob", about: text)]
        let list = try JSONDecoder().decode(ConversationList.self, from: Data(answer.adding(users)))
        #expect(list.users == users)
        let before = try JSONDecoder().decode(ConversationPage.self, from: Data(bytes))
        #expect(list.conversations == before.conversations)
        #expect(list.next == before.next)
    }

    @Test func `senders, and whom lines, reactions and quotes name, are found wherever they stand`() throws {
        let ids = (0..<6).map { _ in UserID.random() }
        var message = Message(
            conversation: .random(), seq: 2, rev: 3, sender: ids[0], clientMessageId: .random(), text: "hello",
            sentAt: .now, replyTo: Quote(seq: 1, sender: ids[1], text: "who?"),
            reactions: [Reaction(emoji: "👍", users: [ids[2]])])
        let line = Message(
            conversation: message.conversation, seq: 4, rev: 4, sender: ids[3], clientMessageId: .random(), text: "",
            sentAt: .now, kind: .system, line: GroupLine(.added, users: [ids[4], ids[5]]))
        message.text = "\(ada)"
        let page = MessagePage(messages: [message, line], head: 4, hasOlder: false, hasNewer: false)
        #expect(try NamedUsers([UInt8](try JSONEncoder().encode(page))).users == Set(ids))
    }

    @Test func `an answer that names nobody gets no accounts`() throws {
        let answer = try NamedUsers(Array(#"{"conversations":[]}"#.utf8))
        #expect(answer.users.isEmpty)
        #expect(answer.adding([:]) == Array(#"{"conversations":[],"users":{}}"#.utf8))
    }

    @Test(arguments: [
        "", "[]", "null", #"{"conversations":[""#, #"{"conversations":"}"#, #"{"user":"nobody"}"#,
        #"{"user":"\"}"#,
    ])
    func `what is no answer of the messages service is an internal error`(_ text: String) {
        #expect(throws: Problem.internalError) { try NamedUsers(Array(text.utf8)) }
    }
}
