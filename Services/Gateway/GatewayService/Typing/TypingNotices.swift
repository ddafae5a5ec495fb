import ChatContracts
import Synchronization

/// Tells the other members of a conversation that somebody is writing. Nothing of it is stored.
///
/// Who the others are is asked of the messages service and remembered for seconds, so that writing costs a few queries a
/// minute and not one with each notice, and somebody who was blocked is heard of for no longer than that.
final class TypingNotices: Sendable {
    /// Sends an event to these users without waiting.
    typealias Send = @Sendable (Typing, Companions) -> Void

    /// Who else is in a conversation.
    struct Companions: Sendable, Hashable {
        /// In a direct conversation.
        var users: [UserID] = []
        /// In a group.
        var audience: GroupAudience?

        var isEmpty: Bool { users.isEmpty && audience == nil }
    }

    private struct Known {
        var companions: Companions
        var fetched: ContinuousClock.Instant
    }

    /// The most members of a group that are told.
    static let largestGroup = 100

    /// How often the others are told of one writer in one conversation; more is left out. A page tells it every three
    /// seconds, and at once with the first word after a message.
    static let rate = Rate(perSecond: 1, burst: 3)

    private let requests: any Requests
    private let send: Send
    private let lifetime: Duration
    private let capacity: Int
    private let allowances: TokenBuckets<Typing>
    private let companions = Mutex<[Typing: Known]>([:])

    init(
        requests: any Requests, lifetime: Duration = .seconds(15), capacity: Int = 20_000, send: @escaping Send
    ) {
        self.requests = requests
        self.lifetime = lifetime
        self.capacity = capacity
        self.send = send
        allowances = TokenBuckets(rate: Self.rate, capacity: capacity)
    }

    /// Throws what reading the conversation throws: 404 for everybody who is not a member.
    func tell(_ typing: Typing, context: BusContext) async throws(Problem) {
        let others = try await companions(of: typing, context: context)
        guard !others.isEmpty, allowances.wait(typing) == nil else { return }
        send(typing, others)
    }

    private func companions(of writer: Typing, context: BusContext) async throws(Problem) -> Companions {
        let known = companions.withLock { known -> Companions? in
            guard let entry = known[writer], .now - entry.fetched < lifetime else { return nil }
            return entry.companions
        }
        if let known { return known }
        let conversation = try await requests.call(
            GetConversation(user: writer.user, conversation: writer.conversation), context: context)
        // For the others it exists from its first message on; until then they hear nothing of it. Who is blocked tells nothing.
        guard conversation.lastMessage != nil, conversation.isOpen(for: writer.user) else {
            return Companions()
        }
        var others = Companions()
        if let group = conversation.group {
            // Not remembered: whoever was removed since must not hear it.
            if group.memberCount <= Self.largestGroup {
                others.audience = GroupAudience(conversation: conversation.id, version: group.version)
            }
            return others
        }
        others.users = conversation.members.map(\.user).filter { $0 != writer.user }
        companions.withLock { known in
            if known.count >= capacity { known.removeAll() }
            known[writer] = Known(companions: others, fetched: .now)
        }
        return others
    }
}
