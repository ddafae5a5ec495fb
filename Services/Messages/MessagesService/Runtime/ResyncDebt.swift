import ChatContracts
import LogKeys
import Logging
import MessageBus
import ServiceLifecycle
import Synchronization

/// Users, and members of groups, who missed events because the broker took none, and will be told to sync as soon as it does.
final class ResyncDebt: Service {
    /// More than this would be a longer blockade than any one instance can know of; clients notice by the digest.
    static let limit = 65_536
    /// Recipients of one event.
    private static let portion = 500

    private let publisher: BusPublisher
    private let interval: Duration
    private let metrics: MessagesMetrics
    private let logger: Logger
    private let owed = Mutex<Set<UserID>>([])
    /// Groups whose members are owed it, with the version of the members.
    private let owedGroups = Mutex<[ConversationID: Int64]>([:])

    init(publisher: BusPublisher, interval: Duration = .milliseconds(500), metrics: MessagesMetrics, logger: Logger) {
        self.publisher = publisher
        self.interval = interval
        self.metrics = metrics
        self.logger = logger
    }

    var count: Int { owed.withLock(\.count) + owedGroups.withLock(\.count) }

    func add(_ users: Set<UserID>, groups: [ConversationID: Int64] = [:]) {
        add(groups)
        guard !users.isEmpty else { return }
        let forgotten = owed.withLock { owed in
            let room = Self.limit - owed.count
            let new = users.subtracting(owed)
            owed.formUnion(new.prefix(max(0, room)))
            return max(0, new.count - max(0, room))
        }
        if forgotten > 0 { metrics.resyncForgotten(forgotten) }
    }

    private func add(_ groups: [ConversationID: Int64]) {
        guard !groups.isEmpty else { return }
        let forgotten = owedGroups.withLock { owed in
            var forgotten = 0
            for (id, version) in groups {
                if owed[id] != nil || owed.count < Self.limit {
                    owed[id] = max(version, owed[id] ?? 0)
                } else {
                    forgotten += 1
                }
            }
            return forgotten
        }
        if forgotten > 0 { metrics.resyncForgotten(forgotten) }
    }

    /// Pays as soon as the broker takes it, until a graceful shutdown.
    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: self.interval)
                await self.pay()
            }
        }
    }

    func pay() async {
        await payGroups()
        while true {
            let users = owed.withLock { Array($0.prefix(Self.portion)) }
            guard !users.isEmpty, !Task.isCancelled else { return }
            do throws(BusError) {
                try await publisher.publish(events: [
                    OutgoingEvent(name: EventName.resync, recipients: users, data: Array("{}".utf8))
                ])
            } catch {
                return
            }
            owed.withLock { $0.subtract(users) }
            metrics.resyncPublished(users.count)
            logger.info("users were told to sync", metadata: [LogKey.count: "\(users.count)"])
        }
    }

    private func payGroups() async {
        while true {
            let groups = owedGroups.withLock { Array($0.prefix(Self.portion)) }
            guard !groups.isEmpty, !Task.isCancelled else { return }
            do throws(BusError) {
                try await publisher.publish(
                    events: groups.map { id, version in
                        OutgoingEvent(
                            name: EventName.resync, recipients: [],
                            audience: GroupAudience(conversation: id, version: version), data: Array("{}".utf8))
                    })
            } catch {
                return
            }
            owedGroups.withLock { owed in
                for (id, version) in groups where owed[id] == version { owed[id] = nil }
            }
            metrics.resyncPublished(groups.count)
            logger.info("members of groups were told to sync", metadata: [LogKey.count: "\(groups.count)"])
        }
    }
}
