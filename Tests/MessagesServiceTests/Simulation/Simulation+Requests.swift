import ChatContracts

@testable import MessagesService

/// Conversations of strangers: the first message waits until the other one accepts it or writes.
extension Simulation {
    /// Whether a conversation may have been a request to a user when it had a head.
    func mayBeRequest(_ id: ConversationID, to user: UserID, at head: Int64) -> Bool {
        guard store.ofStrangers.contains(id) else { return false }
        return !births(of: id, through: head).contains { $0.sender == user }
    }

    /// Where requests stand follows from what was written and from what was answered.
    mutating func checkRequests(_ document: SimulatedStore.Document) throws {
        let (state, id) = (document.state, document.state.id)
        guard state.group == nil else { return }
        let all = births(of: id, through: .max)
        for member in state.members {
            let (user, settings) = (member.user, member.settings)
            guard let first = all.first, first.sender != user, store.ofStrangers.contains(id) else {
                guard settings.request == nil, settings.requestVersion == 0 else {
                    throw violation("Requests", "\(user) has a request that nobody made")
                }
                continue
            }
            let answers = answersToRequests[user] ?? []
            var possible: Set<MessageRequest?> = [nil]
            if !accepted.contains(user), !all.contains(where: { $0.sender == user }) {
                if !answers.contains(.accepted) { possible.remove(nil) }
                // An answer that was given before the request came is none.
                possible.insert(.waiting)
                if answers.contains(.declined) { possible.insert(.declined) }
            }
            guard possible.contains(settings.request) else {
                throw violation("Requests", "\(user) has answered \(answers), and stored is \(settings)")
            }
            guard settings.request == nil || member.positions.received == 0 && member.positions.read == 0 else {
                throw violation("Requests", "a stranger is told of \(member.positions)")
            }
            coverage.requests += 1
            if settings.request == nil { coverage.acceptedRequests += 1 }
        }
    }

    private func births(of id: ConversationID, through head: Int64) -> [Message] {
        (store.log[id] ?? []).filter { $0.isBirth && $0.message.seq <= head }.map(\.message)
            .sorted { $0.seq < $1.seq }
    }
}
