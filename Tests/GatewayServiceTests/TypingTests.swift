import ChatContracts
import Foundation
import HTTPTypes
import HummingbirdTesting
import MessageBus
import Synchronization
import Testing

@testable import GatewayService

struct TypingTests {
    /// What was sent, by notices for a fake chat in which ada and bob have a conversation.
    private struct Notices {
        let chat: FakeChat
        let notices: TypingNotices
        let sent = Sent()
        let ada = UserID.random()
        let bob = UserID.random()
        var conversation: ConversationID { .direct(ada, bob) }

        final class Sent: Sendable {
            private let all = Mutex<[(Typing, [UserID])]>([])
            var count: Int { all.withLock(\.count) }
            var recipients: [[UserID]] { all.withLock { $0.map(\.1) } }
            func add(_ typing: Typing, _ recipients: [UserID]) { all.withLock { $0.append((typing, recipients)) } }
        }

        init(hasMessage: Bool = true) throws {
            chat = FakeChat(keys: try PasswordPrivateKeys(PasswordPrivateKeys.randomKey()))
            notices = TypingNotices(requests: chat) { [sent] in sent.add($0, $1.users) }
            let (ada, bob) = (ada, bob)
            chat.withState { state in
                for (id, name) in [(ada, "ada"), (bob, "bob")] {
                    state.users[id] = User(
                        id: id, username: name, displayName: name, createdAt: Timestamp(milliseconds: 0))
                }
                _ = try? state.answer(OpenDirectConversation(user: ada, other: bob))
            }
            if hasMessage { say("Hello") }
            chat.withState { $0.requests = [] }
        }

        func say(_ text: String) {
            let message = SendMessage(
                conversation: conversation, sender: ada, clientMessageId: .random(), text: text)
            chat.withState { _ = try? $0.answer(message) }
        }

        func tell(by user: UserID) async throws(Problem) {
            try await notices.tell(
                Typing(conversation: conversation, user: user), context: .background(timeout: .seconds(5)))
        }
    }

    @Test func `the others are told, once a second at most but for the first ones, and looked up once`() async throws {
        let scene = try Notices()
        let begin = ContinuousClock.now
        for _ in 0..<10_000 { try await scene.tell(by: scene.ada) }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        #expect(scene.sent.count >= 3)
        #expect(Double(scene.sent.count) <= 3 + seconds)
        #expect(scene.sent.recipients.allSatisfy { $0 == [scene.bob] })
        #expect(scene.chat.requestCount == 1)
        try await scene.tell(by: scene.bob)
        #expect(scene.sent.recipients.last == [scene.ada])
    }

    @Test func `nobody is told of a conversation before its first message, and from it on they are`() async throws {
        let scene = try Notices(hasMessage: false)
        try await scene.tell(by: scene.ada)
        #expect(scene.sent.count == 0)
        scene.say("Hello")
        try await scene.tell(by: scene.ada)
        #expect(scene.sent.recipients == [[scene.bob]])
    }

    @Test(arguments: [true, false])
    func `whoever has blocked the other one, or is blocked, is not heard writing`(hasBlocked: Bool) async throws {
        let scene = try Notices()
        scene.chat.withState { state in
            if hasBlocked {
                let block = ChangeConversationSettings(
                    conversation: scene.conversation, user: scene.ada, version: 0, blocked: true)
                _ = try? state.answer(block)
            } else {
                state.conversations[scene.conversation]?.isRefused = true
            }
        }
        try await scene.tell(by: scene.ada)
        #expect(scene.sent.count == 0)
    }

    @Test func `an outsider is refused each time, and nobody is told`() async throws {
        let scene = try Notices()
        for _ in 0..<3 {
            await #expect(throws: Problem.self) { try await scene.tell(by: .random()) }
        }
        #expect(scene.chat.requestCount == 3)
        #expect(scene.sent.count == 0)
    }

    @Test func `a member may say so, and others learn nothing`() async throws {
        try await MessageChangeTests.withPair { pair in
            let path = "/api/v1/conversations/\(pair.conversation)/typing"
            #expect(try await pair.ada.send(.post, path).status == .noContent)
            let unknown = try await pair.ada.send(.post, "/api/v1/conversations/\(ConversationID.random())/typing")
            #expect(unknown.status == .notFound)
            #expect(try await pair.ada.other().send(.post, path).status == .unauthorized)
        }
    }
}
