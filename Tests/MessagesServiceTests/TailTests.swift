import ChatContracts
import Testing

@testable import MessagesService

/// What is stored above the head of a conversation's document.
@Suite("The tail of a conversation")
struct TailTests {
    let ada = UserID(high: 0, low: 1)
    let bob = UserID(high: 0, low: 2)
    var conversation: ConversationID { .direct(ada, bob) }

    private func message(_ seq: Int64, rev: Int64, isDeleted: Bool = false) -> Message {
        Message(
            conversation: conversation, seq: seq, rev: rev, sender: ada,
            clientMessageId: ClientMessageID(high: 0, low: UInt64(seq)), text: isDeleted ? "" : "x",
            sentAt: Timestamp(milliseconds: seq), isDeleted: isDeleted)
    }

    private func stored(_ number: Int64, _ message: Message?, replaces: Int64? = nil) -> StoredChange {
        StoredChange(conversation: conversation, number: number, message: message, replaces: replaces)
    }

    private func document(head: Int64, count: Int64, readByBob: Int64 = 0) -> ConversationState {
        var state = ConversationState(
            new: conversation, members: [ada, bob], createdAt: Timestamp(milliseconds: 0))
        (state.head, state.storedHead, state.count, state.lastSeq) = (head, head, count, head)
        for place in state.members.indices where state.members[place].user == ada { state.members[place].sent = count }
        for place in state.members.indices where state.members[place].user == bob {
            (state.members[place].positions.read, state.members[place].readOfOthers) = (readByBob, readByBob)
        }
        return state
    }

    private func unread(_ state: ConversationState) throws -> Int64 {
        state.unread(ofMemberAt: try #require(state.index(of: bob)))
    }

    @Test func `counts a message that was edited above later ones`() throws {
        let edited = message(11, rev: 13)
        let loaded = LoadedConversation(
            document: document(head: 10, count: 10), last: message(10, rev: 10),
            tail: [
                stored(11, edited), stored(12, message(12, rev: 12)), stored(13, edited, replaces: 11),
            ])
        #expect(loaded.state.count == 12 && loaded.state.head == 13 && loaded.last?.seq == 12)
        #expect(try unread(loaded.state) == 12)
    }

    @Test func `counts no message that was born and deleted in it, and takes off those that were deleted in it`() throws
    {
        let loaded = LoadedConversation(
            document: document(head: 10, count: 10, readByBob: 4), last: message(10, rev: 10),
            tail: [
                stored(11, message(11, rev: 12, isDeleted: true)),
                stored(12, message(11, rev: 12, isDeleted: true), replaces: 11),
                stored(13, message(3, rev: 13, isDeleted: true), replaces: 3),
                stored(14, message(7, rev: 14, isDeleted: true), replaces: 7),
            ])
        #expect(loaded.state.count == 8 && loaded.state.head == 14)
        // Bob had read 1 to 4, of which one is gone; 5 to 10 are unread but for 7.
        #expect(try unread(loaded.state) == 5)
        #expect(loaded.state.hasDeletions && loaded.state.hasChanges)
        #expect(loaded.last?.seq == 11 && loaded.last?.isDeleted == true)
    }

    @Test func `reaches its last number also if that says nothing any more`() {
        let loaded = LoadedConversation(
            document: document(head: 10, count: 10), last: message(10, rev: 10), tail: [stored(11, nil)])
        #expect(loaded.state.head == 11 && loaded.state.count == 10 && loaded.state.hasChanges)
    }
}
