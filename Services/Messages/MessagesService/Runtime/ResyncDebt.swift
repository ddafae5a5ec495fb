import ChatContracts
import LogKeys
import Logging
import MessageBus
import ServiceLifecycle
import Synchronization

/// Users who missed events because the broker took none, and will be told to sync as soon as it does.
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

    init(publisher: BusPublisher, interval: Duration = .milliseconds(500), metrics: MessagesMetrics, logger: Logger) {
        self.publisher = publisher
        self.interval = interval
        self.metrics = metrics
        self.logger = logger
    }

    var count: Int { owed.withLock(\.count) }

    func add(_ users: Set<UserID>) {
        guard !users.isEmpty else { return }
        let forgotten = owed.withLock { owed in
            let room = Self.limit - owed.count
            let new = users.subtracting(owed)
            owed.formUnion(new.prefix(max(0, room)))
            return max(0, new.count - max(0, room))
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
}
