import ChatContracts
import MessageBus

/// Who is in the groups whose events come, and the events that wait until that is known. Pure.
///
/// An event names a version of its group's members. It is delivered by a list of that version or a later one, never by an
/// older one, so that whoever was removed hears nothing more, whatever events got lost. The events of a group keep their
/// order.
struct GroupAudiences {
    struct Limits: Sendable {
        /// Groups whose members are remembered.
        var groups = 2_000
        /// Events that wait, of all groups.
        var waiting = 10_000
    }

    /// What an event becomes.
    enum Decision: Sendable {
        /// To be delivered now.
        case deliver(EventBatch.Event)
        /// It waits for the members, which are being asked for already or have to be asked for now.
        case wait(asks: Bool)
        /// Too much waits: the members of the group are told to sync instead.
        case drop
    }

    private struct Waiting {
        var events: [EventBatch.Event] = []
        var isAsked = false
    }

    private let limits: Limits
    private var lists: [ConversationID: GroupMembersList] = [:]
    private var waiting: [ConversationID: Waiting] = [:]
    private var waitingCount = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    mutating func take(_ event: EventBatch.Event, for audience: GroupAudience) -> Decision {
        let id = audience.conversation
        if waiting[id] == nil, let list = lists[id], list.version >= audience.version {
            return .deliver(Self.addressed(event, to: audience, by: list))
        }
        guard waitingCount < limits.waiting else { return .drop }
        let asks = waiting[id]?.isAsked != true
        waiting[id, default: Waiting()].events.append(event)
        waiting[id]?.isAsked = true
        waitingCount += 1
        return .wait(asks: asks)
    }

    /// The members that were asked for.
    ///
    /// - Returns: the events that can be delivered by them, and whether they have to be asked for again.
    mutating func take(
        _ list: GroupMembersList, of id: ConversationID
    ) -> (events: [EventBatch.Event], asksAgain: Bool) {
        if list.version >= lists[id]?.version ?? 0 {
            if lists.count >= limits.groups, lists[id] == nil { lists.removeAll() }
            lists[id] = list
        }
        guard let known = lists[id], var left = waiting.removeValue(forKey: id) else { return ([], false) }
        waitingCount -= left.events.count
        let later = left.events.firstIndex { $0.audience.map { $0.version > known.version } ?? false }
        let ready = left.events[..<(later ?? left.events.endIndex)].compactMap { event in
            event.audience.map { Self.addressed(event, to: $0, by: known) }
        }
        guard let later else { return (ready, false) }
        left.events.removeFirst(later)
        waitingCount += left.events.count
        waiting[id] = left
        return (ready, true)
    }

    /// There is no such group any more, or its members cannot be asked for: what waits for them is lost.
    mutating func forget(_ id: ConversationID) {
        waitingCount -= waiting.removeValue(forKey: id)?.events.count ?? 0
        lists[id] = nil
    }

    private static func addressed(
        _ event: EventBatch.Event, to audience: GroupAudience, by list: GroupMembersList
    ) -> EventBatch.Event {
        var event = event
        event.audience = nil
        event.recipients +=
            list.members.lazy.filter { audience.historyFrom.contains($0.historyFrom) }.map(\.user)
        return event
    }
}
