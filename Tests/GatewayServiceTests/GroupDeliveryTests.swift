import ChatContracts
import Logging
import MessageBus
import Synchronization
import TestSupport
import Testing

@testable import GatewayService

/// What the gateway does about members that it has to ask for.
@Suite("Delivery to groups")
struct GroupDeliveryTests {
    private struct Unreachable: Error {}

    private let group = ConversationID(high: 1, low: 1)
    private let ada = UserID(high: 2, low: 1)

    @Test func `members that cannot be asked for at once are asked for again, and nothing is lost`() async throws {
        let told = try await told(failures: 2) { delivery in
            for text in ["a", "b"] { take(text, delivery) }
        }
        #expect(told.events == ["a", "b"] && told.resyncs == 0 && told.lookUps == 3)
    }

    @Test func `members that cannot be asked for at all mean that all streams sync`() async throws {
        let told = try await told(failures: 3) { delivery in
            take("a", delivery)
        }
        #expect(told.events.isEmpty && told.resyncs == 1 && told.lookUps == 3)
    }

    private struct Told {
        var lookUps = 0
        var events: [String] = []
        var resyncs = 0
    }

    private func take(_ text: String, _ delivery: GroupDelivery) {
        let audience = GroupAudience(conversation: group, version: 1, historyFrom: 0...100)
        delivery.take(
            .init(name: EventName.messageSent, recipients: [], audience: audience, data: Array(text.utf8)[...]),
            for: audience)
    }

    /// What streams are told by a delivery whose first look-ups fail.
    private func told(failures: Int, taking: (GroupDelivery) -> Void) async throws -> Told {
        let told = Mutex(Told())
        let members = GroupMembersList(version: 1, members: [.init(user: ada, historyFrom: 0)])
        let delivery = GroupDelivery(
            logger: Logger(label: "test"), hasStreams: { true },
            deliver: { batch in
                told.withLock { $0.events += batch.events.map { String(decoding: $0.data, as: UTF8.self) } }
            },
            resync: { _ in told.withLock { $0.resyncs += 1 } },
            lookUp: { _ in
                let attempt = told.withLock {
                    $0.lookUps += 1
                    return $0.lookUps
                }
                if attempt <= failures { throw Unreachable() }
                return members
            })
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await delivery.run() }
            taking(delivery)
            try await eventually("streams are told") { told.withLock { !$0.events.isEmpty || $0.resyncs > 0 } }
            tasks.cancelAll()
            return told.withLock { $0 }
        }
    }
}
