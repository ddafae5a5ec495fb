import AMQP
import Synchronization

/// Publishes into quorum queues, and keeps what is wrong with one of them from the others.
///
/// Each queue has a channel of its own. In the broker a channel that publishes to a quorum queue for the first time waits
/// until its leader answers, and one with some three dozen unanswered publications in it takes no more: a leader that gets
/// nothing done would hold up whatever else goes over the same channel.
///
/// A queue that confirms nothing is sent no more than a message a second (see ``Silence``). All others to it fail at once
/// with `timedOut`, and surely had no effect.
///
/// It takes a new channel when the broker keeps refusing on the old one: RabbitMQ 3.10 looks up where a quorum queue's
/// leader is when a channel publishes to it for the first time. If that node has just died, the channel goes on asking it,
/// and refuses every message until the node is back, although the queue has had another leader for long. A new channel
/// looks it up anew.
final class QueuePublisher: Sendable {
    private struct Queue {
        var publisher: AMQPPublisher
        var refusals = Refusals()
        var silence = Silence()

        mutating func admitOne() -> AMQPPublisher? {
            silence.isOver || silence.admitsOne(at: .now) ? publisher : nil
        }
    }

    private let connection: AMQPConnection
    /// By routing key; there are as many as the topology has queues.
    private let queues = Mutex<[String: Queue]>([:])
    /// Spares confirms the lock as long as all is well.
    private let someAreSilent = Atomic<Bool>(false)

    init(connection: AMQPConnection) {
        self.connection = connection
    }

    /// As ``AMQPPublisher/publish(_:)``.
    func publish(_ publication: AMQPPublication) async throws(AMQPError) {
        let queue = publication.routingKey
        let publisher = try publisher(for: queue)
        do {
            try await publisher.publish(publication)
            noteAnswer(of: queue)
        } catch {
            note(error, of: queue)
            throw error
        }
    }

    /// As ``AMQPPublisher/publish(_:completion:)``.
    func publish(
        _ publication: AMQPPublication, completion: @escaping @Sendable (Result<Void, AMQPError>) -> Void
    ) {
        let queue = publication.routingKey
        let publisher: AMQPPublisher
        do throws(AMQPError) {
            publisher = try self.publisher(for: queue)
        } catch {
            return completion(.failure(error))
        }
        publisher.publish(publication) { [self] result in
            switch result {
            case .success: noteAnswer(of: queue)
            case .failure(let error): note(error, of: queue)
            }
            completion(result)
        }
    }

    private func publisher(for queue: String) throws(AMQPError) -> AMQPPublisher {
        let publisher = queues.withLock { queues in
            queues[queue, default: Queue(publisher: connection.makePublisher())].admitOne()
        }
        guard let publisher else {
            throw AMQPError(.timedOut, "the queue has confirmed nothing for a while; one message a second is tried")
        }
        return publisher
    }

    private func note(_ error: AMQPError, of queue: String) {
        switch error.code {
        case .timedOut where error.outcomeUnknown:
            queues.withLock { queues in
                queues[queue]?.silence.note(at: .now)
                someAreSilent.store(true, ordering: .relaxed)
            }
        case .nacked:
            noteAnswer(of: queue)
            noteRefusal(by: queue)
        case .unroutable:
            noteAnswer(of: queue)
        default:
            break
        }
    }

    private func noteAnswer(of queue: String) {
        guard someAreSilent.load(ordering: .relaxed) else { return }
        queues.withLock { queues in
            queues[queue]?.silence.end()
            someAreSilent.store(!queues.values.allSatisfy(\.silence.isOver), ordering: .relaxed)
        }
    }

    private func noteRefusal(by queue: String) {
        // The old one closes its channel when all that it has sent is confirmed.
        let old = queues.withLock { queues -> AMQPPublisher? in
            guard queues[queue]?.refusals.noteOne(at: .now) == true else { return nil }
            defer { queues[queue]?.publisher = connection.makePublisher() }
            return queues[queue]?.publisher
        }
        withExtendedLifetime(old) {}
    }
}

/// When refusals have gone on for so long that the channel may be to blame. Pure.
struct Refusals {
    /// Elections of queues take less.
    static let patience: Duration = .seconds(1)

    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?

    /// - Returns: whether to go on with another channel.
    mutating func noteOne(at now: ContinuousClock.Instant) -> Bool {
        defer { last = now }
        guard let first, let last, now - last < Self.patience * 3 else {
            first = now
            return false
        }
        guard now - first >= Self.patience else { return false }
        self.first = now
        return true
    }
}
