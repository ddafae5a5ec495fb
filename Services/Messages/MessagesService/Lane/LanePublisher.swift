import ChatContracts
import LogKeys
import Logging
import MessageBus

/// Tells what a batch has done: replies to the gateways that asked, events to all.
struct LanePublisher: Sendable {
    let publisher: BusPublisher
    /// How long the broker may take to confirm the events before the batch goes on without.
    let patience: Duration
    let logger: Logger

    /// Sends the replies without waiting, then publishes the events.
    ///
    /// - Returns: whether the broker has confirmed all events.
    func publish(_ publication: LanePublication<CommandDelivery>) async -> Bool {
        var lines: [MessagePlace: [UInt8]] = [:]
        var events: [OutgoingEvent] = []
        events.reserveCapacity(publication.events.count)
        for event in publication.events {
            let (name, data): (String, [UInt8])
            switch event.event {
            case .messageSent(let message):
                (name, data) = (EventName.messageSent, JSONLine.encode(message))
                // What some may not see is missing in what they are told.
                if event.audience == nil { lines[MessagePlace(message)] = data }
            case .messageChanged(let message): (name, data) = (EventName.messageChanged, JSONLine.encode(message))
            case .positionChanged(let change): (name, data) = (EventName.positionChanged, JSONLine.encode(change))
            case .conversationOpened(let opened):
                (name, data) = (EventName.conversationOpened, JSONLine.encode(opened))
            case .settingsChanged(let change):
                (name, data) = (EventName.conversationSettings, JSONLine.encode(change))
            case .conversationClosed(let closed):
                (name, data) = (EventName.conversationClosed, JSONLine.encode(closed))
            }
            events.append(
                OutgoingEvent(name: name, recipients: event.recipients, audience: event.audience, data: data))
        }
        let replies = publication.replies.compactMap { reply in
            reply.handle.replyTo.map { replyTo in
                OutgoingReply(
                    replyTo: replyTo, correlationID: reply.handle.correlationID,
                    outcome: outcome(reply.response, lines: lines))
            }
        }
        publisher.send(replies: replies)
        return events.isEmpty ? true : await confirm(events)
    }

    private struct MessagePlace: Hashable {
        var conversation: ConversationID
        var seq: Int64

        init(_ message: Message) {
            conversation = message.conversation
            seq = message.seq
        }
    }

    private func outcome(_ response: LaneResponse, lines: [MessagePlace: [UInt8]]) -> OutgoingReply.Outcome {
        switch response {
        case .message(let message): return .value(lines[MessagePlace(message)] ?? JSONLine.encode(message))
        case .changed(let message): return .value(JSONLine.encode(message))
        case .applied(let message): return .value(JSONLine.encode(ChangeReply(message: message, conflict: false)))
        case .conflict(let message): return .value(JSONLine.encode(ChangeReply(message: message, conflict: true)))
        case .position(let change): return .value(JSONLine.encode(change))
        case .settings(let change): return .value(JSONLine.encode(change))
        case .group(let change): return .value(JSONLine.encode(change))
        case .conversation(let conversation): return .value(JSONLine.encode(conversation))
        case .fault(let fault): return .fault(fault)
        }
    }

    /// Tries again while there is time: a connection that was lost is often back within it.
    private func confirm(_ events: [OutgoingEvent]) async -> Bool {
        let end = ContinuousClock.now + patience
        while true {
            let isConfirmed = await withTaskGroup(of: Bool?.self) { group in
                group.addTask {
                    do throws(BusError) {
                        try await publisher.publish(events: events)
                        return true
                    } catch {
                        logger.debug("events are not confirmed", metadata: [LogKey.error: "\(error)"])
                        return false
                    }
                }
                group.addTask {
                    try? await Task.sleep(until: end, clock: .continuous)
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            if isConfirmed == true { return true }
            guard isConfirmed == false, ContinuousClock.now + .milliseconds(50) < end, !Task.isCancelled else {
                return false
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 20...80)))
        }
    }
}
