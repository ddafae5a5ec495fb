import ChatContracts
import Foundation
import Logging
import MessageBus
import ServiceLifecycle

/// Takes events from the bus: most go to live streams as they are, a few also concern the gateway itself.
struct EventDelivery: Service {
    let subscription: EventSubscription
    let streams: LiveStreams
    let sessions: Sessions
    let directory: UserDirectory
    let groups: GroupDelivery
    let logger: Logger
    /// Some events were missed; nobody knows whose.
    let onMissed: @Sendable () -> Void

    /// Events that this gateway wants whoever they are for.
    static let keys = [
        EventName.sessionEnded, EventName.credentialsChanged, EventName.userChanged, EventName.resync,
        Topology.groupsKey,
    ]

    func run() async throws {
        // The subscription ends its events only when it is stopped, which is after this.
        await cancelWhenGracefulShutdown { await deliver() }
    }

    private func deliver() async {
        var missedSome = false
        for await event in subscription.events {
            switch event {
            case .subscribed:
                setHearing(true)
                directory.clear()
                if missedSome { onMissed() }
                missedSome = false
            case .lost:
                setHearing(false)
                if subscription.isSubscribed {
                    // The broker dropped some from a full queue; there will be no other sign.
                    setHearing(true)
                    directory.clear()
                    onMissed()
                } else {
                    missedSome = true
                }
            case .events(let batch): take(batch)
            }
        }
    }

    private func setHearing(_ isHearing: Bool) {
        sessions.cache.setHearing(isHearing)
        streams.setHearing(isHearing)
    }

    func take(_ batch: EventBatch) {
        var shown = batch
        if batch.events.contains(where: { $0.audience != nil }) {
            shown.events.removeAll { event in
                guard let audience = event.audience else { return false }
                groups.take(event, for: audience)
                return true
            }
        }
        if batch.events.contains(where: { Self.keys.contains($0.name) }) {
            shown.events.removeAll { event in
                switch event.name {
                case EventName.sessionEnded:
                    endSessions(event)
                    return true
                case EventName.credentialsChanged:
                    endOutdatedSessions(event)
                    return true
                case EventName.userChanged:
                    directory.invalidate(event.recipients)
                    return false
                case EventName.resync:
                    streams.resync(event.recipients.isEmpty ? nil : event.recipients)
                    return true
                default: return false
                }
            }
        }
        streams.deliver(shown)
    }

    private func endOutdatedSessions(_ event: EventBatch.Event) {
        do {
            sessions.heard(try JSONDecoder().decode(CredentialsChanged.self, from: Data(event.data)))
        } catch {
            logger.error("An event about a changed password is malformed", metadata: ["error": "\(error)"])
            setHearing(true)
        }
    }

    private func endSessions(_ event: EventBatch.Event) {
        do {
            sessions.heard(try JSONDecoder().decode(SessionEnded.self, from: Data(event.data)))
        } catch {
            logger.error("An event about ended sessions is malformed", metadata: ["error": "\(error)"])
            setHearing(true)
        }
    }
}
