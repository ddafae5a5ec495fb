import ChatContracts
import Foundation
import Synchronization

/// Of a message or line: all that is looked at.
struct GroupEntry: Decodable, Sendable {
    var conversation: ConversationID
    var seq: Int64

    init?(_ event: ServerEvents.Event) {
        guard let entry = try? JSONDecoder().decode(Self.self, from: Data(event.data)) else { return nil }
        self = entry
    }
}

/// A page of messages and lines.
struct GroupPage: Decodable, Sendable {
    var messages: [GroupEntry]
}

struct GroupSync: Decodable, Sendable {
    struct Described: Decodable, Sendable { var id: ConversationID }
    struct Changes: Decodable, Sendable { var messages: [GroupEntry] }

    var conversations: [Described]
    var changes: [Changes]
}

/// When a stream last brought anything.
final class LastHeard: Sendable {
    private let last = Mutex(ContinuousClock.now)

    func now() { last.withLock { $0 = .now } }

    /// Returns once nothing came for so long, or when cancelled.
    func waitForSilence(of limit: Duration) async {
        while !Task.isCancelled, .now < last.withLock({ $0 }) + limit {
            try? await Task.sleep(until: last.withLock { $0 } + limit)
        }
    }
}
