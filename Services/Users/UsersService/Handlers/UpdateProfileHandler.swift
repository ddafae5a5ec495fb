import ChatContracts
import Foundation
import LogKeys
import Logging
import MessageBus
import MongoStore

/// Changes profiles and announces the change to the account's devices and to gateways.
struct UpdateProfileHandler: Sendable {
    let store: AccountStore
    let publisher: BusPublisher
    let logger: Logger

    func callAsFunction(_ request: UpdateProfile, _ context: RequestContext) async throws -> User {
        let name = try request.displayName.map { try DisplayName($0) }
        let about = try request.about.map { try About($0) }
        guard let user = try await store.setProfile(displayName: name, about: about, of: request.user) else {
            throw Fault.unknownAccount
        }
        // Published also when nothing is different: this may be the second delivery of a command whose first one
        // was stored but not announced. If the event cannot be published, the command is requeued.
        try await publisher.publish(events: [
            OutgoingEvent(name: EventName.userChanged, recipients: [user.id], data: Self.line(user))
        ])
        logger.info("profile changed", metadata: [LogKey.user: "\(user.id)"])
        return user
    }

    private static func line(_ user: User) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(user))
    }
}
