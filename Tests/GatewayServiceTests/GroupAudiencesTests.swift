import ChatContracts
import MessageBus
import Testing

@testable import GatewayService

/// Who gets an event of a group: by a list of the members that is at least as new as the event.
@Suite("Audiences of groups")
struct GroupAudiencesTests {
    private let group = ConversationID(high: 1, low: 1)
    private let ada = UserID(high: 2, low: 1)
    private let bob = UserID(high: 2, low: 2)

    private func event(
        _ data: String, version: Int64, historyFrom: ClosedRange<Int64> = 0...100, of id: ConversationID? = nil
    ) -> (EventBatch.Event, GroupAudience) {
        let audience = GroupAudience(
            conversation: id ?? group, version: version, historyFrom: historyFrom)
        return (
            EventBatch.Event(
                name: EventName.messageSent, recipients: [], audience: audience, data: Array(data.utf8)[...]),
            audience
        )
    }

    private func list(_ version: Int64, _ members: [(UserID, Int64)]) -> GroupMembersList {
        GroupMembersList(version: version, members: members.map { .init(user: $0.0, historyFrom: $0.1) })
    }

    private func data(_ events: [EventBatch.Event]) -> [String] {
        events.map { String(decoding: $0.data, as: UTF8.self) }
    }

    @Test func `events wait for the members, are asked for once, and keep their order`() {
        var audiences = GroupAudiences()
        for (index, text) in ["a", "b", "c"].enumerated() {
            let (event, audience) = event(text, version: 1)
            guard case .wait(let asks) = audiences.take(event, for: audience) else {
                Issue.record("the members are not known")
                return
            }
            #expect(asks == (index == 0))
        }
        let (events, asksAgain) = audiences.take(list(1, [(ada, 0), (bob, 1)]), of: group)
        #expect(data(events) == ["a", "b", "c"] && !asksAgain)
        #expect(events.allSatisfy { $0.recipients == [ada, bob] && $0.audience == nil })
        let (event, audience) = event("d", version: 1)
        guard case .deliver(let delivered) = audiences.take(event, for: audience) else {
            Issue.record("the members are known")
            return
        }
        #expect(delivered.recipients == [ada, bob])
    }

    @Test func `whoever was removed gets nothing by an older list, whatever else was lost`() {
        var audiences = GroupAudiences()
        let (first, audience) = event("before", version: 1)
        _ = audiences.take(first, for: audience)
        _ = audiences.take(list(1, [(ada, 0), (bob, 0)]), of: group)
        // The event of the removal never came; this is the first one after it.
        let (second, later) = event("after", version: 2)
        guard case .wait(asks: true) = audiences.take(second, for: later) else {
            Issue.record("version 1 is too old")
            return
        }
        // A list that is still older delivers nothing and is asked for again.
        let (none, asksAgain) = audiences.take(list(1, [(ada, 0), (bob, 0)]), of: group)
        #expect(none.isEmpty && asksAgain)
        let (events, _) = audiences.take(list(2, [(ada, 0)]), of: group)
        #expect(data(events) == ["after"] && events[0].recipients == [ada])
        // A late event of before goes by the newer list.
        guard case .deliver(let late) = audiences.take(first, for: audience) else {
            Issue.record("version 2 is new enough")
            return
        }
        #expect(late.recipients == [ada])
    }

    @Test func `only members whose history reaches as far get what is about it`() {
        var audiences = GroupAudiences()
        let (known, known1) = event("", version: 1)
        _ = audiences.take(known, for: known1)
        _ = audiences.take(list(1, [(ada, 0), (bob, 7)]), of: group)
        for (range, recipients) in [(0...6, [ada]), (0...7, [ada, bob]), (7...9, [bob]), (8...9, [])]
            as [(ClosedRange<Int64>, [UserID])]
        {
            let (event, audience) = event("", version: 1, historyFrom: range)
            guard case .deliver(let delivered) = audiences.take(event, for: audience) else {
                Issue.record("the members are known")
                return
            }
            #expect(delivered.recipients == recipients)
        }
    }

    @Test func `what waits is bounded, and lost where the members cannot be asked for`() {
        var audiences = GroupAudiences(limits: .init(groups: 2, waiting: 2))
        for text in ["a", "b"] {
            let (event, audience) = event(text, version: 1)
            _ = audiences.take(event, for: audience)
        }
        let (third, audience) = event("c", version: 1)
        guard case .drop = audiences.take(third, for: audience) else {
            Issue.record("there is no room")
            return
        }
        audiences.forget(group)
        guard case .wait(asks: true) = audiences.take(third, for: audience) else {
            Issue.record("there is room again")
            return
        }
        _ = audiences.take(list(1, [(ada, 0)]), of: group)
        // Groups that are remembered are bounded, too.
        for number in 2...4 {
            let id = ConversationID(high: 1, low: UInt64(number))
            let (event, audience) = event("", version: 1, of: id)
            _ = audiences.take(event, for: audience)
            #expect(audiences.take(list(1, [(ada, 0)]), of: id).events.count == 1)
        }
        audiences.forget(group)
    }
}
