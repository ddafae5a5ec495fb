import ChatContracts
import MongoStore
import Synchronization

@testable import GatewayService

/// Drafts in memory, by the clock of this machine.
final class MemoryDraftStore: DraftStore {
    private let drafts = Mutex<[UserID: [ConversationID: Draft]]>([:])
    private let failure = Mutex<MongoError?>(nil)

    func fail(with error: MongoError?) { failure.withLock { $0 = error } }

    func save(_ written: WrittenDraft, of user: UserID) async throws(MongoError) -> Draft {
        if let error = failure.withLock({ $0 }) { throw error }
        return drafts.withLock { drafts in
            let draft = Draft(
                conversation: written.conversation, text: written.text, replyTo: written.replyTo,
                writtenAt: Timestamp(milliseconds: Timestamp.now.milliseconds - written.age))
            let known = drafts[user, default: [:]][draft.conversation]
            if let known, known.writtenAt > draft.writtenAt { return known }
            drafts[user, default: [:]][draft.conversation] = draft
            return draft
        }
    }

    func drafts(
        of user: UserID, since moment: Timestamp?
    ) async throws(MongoError) -> (drafts: [Draft], asOf: Timestamp) {
        if let error = failure.withLock({ $0 }) { throw error }
        return drafts.withLock { (Array(($0[user] ?? [:]).values), .now) }
    }
}
