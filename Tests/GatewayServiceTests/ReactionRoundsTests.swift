import ChatContracts
import Foundation
import Testing

@testable import GatewayService

@Suite struct ReactionRoundsTests {
    @Test func `who names a state asks once`() {
        var rounds = ReactionRounds(seen: 7)
        #expect(rounds.rev == 7)
        let isRepeated = rounds.again(afterConflictWith: 9)
        #expect(!isRepeated)
    }

    @Test func `who names none asks again with the state of the conflict, a few times`() {
        var rounds = ReactionRounds(seen: nil)
        #expect(rounds.rev == 0)
        for round in 1..<ReactionRounds.limit {
            let isRepeated = rounds.again(afterConflictWith: Int64(round * 10))
            #expect(isRepeated && rounds.rev == Int64(round * 10))
        }
        let isRepeated = rounds.again(afterConflictWith: 1_000)
        #expect(!isRepeated)
    }

    @Test func `a conflict that tells nothing new is the last`() {
        var rounds = ReactionRounds(seen: nil)
        let first = rounds.again(afterConflictWith: 5)
        let second = rounds.again(afterConflictWith: 5)
        #expect(first && !second)
    }

    @Test func `the reply to a change is read without being decoded`() throws {
        let message = Message(
            conversation: ConversationID(high: 1, low: 2), seq: 3, rev: 8, sender: .random(),
            clientMessageId: .random(),
            text: "\"conflict\":true, {\"rev\":99}", sentAt: Timestamp(milliseconds: 0),
            reactions: [Reaction(emoji: "👍", users: [.random()])])
        for conflict in [true, false] {
            let json = try JSONEncoder().encode(ChangeReply(message: message, conflict: conflict))
            let answer = try ChangeResponse([UInt8](json))
            #expect(answer.conflict == conflict && answer.rev == 8)
            #expect(try JSONDecoder().decode(Message.self, from: Data(answer.message)) == message)
        }
        for wrong in ["", "{}", "[]", #"{"message":{},"conflict":true}"#, #"{"message":{"rev":1},"conflict":true} x"#] {
            #expect(throws: Problem.self) { try ChangeResponse(Array(wrong.utf8)) }
        }
    }
}
