import AMQP
import Synchronization

/// Publishes into quorum queues, and keeps what is wrong with one of them from the others.
///
/// It takes a new channel when the broker keeps refusing on the old one: RabbitMQ 3.10 looks up where a quorum queue's
/// leader is when a channel publishes to it for the first time. If that node has just died, the channel goes on asking it,
/// and refuses every message until the node is back, although the queue has had another leader for long. A new channel
/// looks it up anew.
///
/// And it stops sending to a queue that confirms nothing (see ``SilentQueues``): those publications fail at once with
/// `timedOut`, and surely had no effect.
final class QueuePublisher: Sendable {
    private struct State {
        var publisher: AMQPPublisher
        var refusals = Refusals()
        var silent = SilentQueues()
    }

    private let connection: AMQPConnection
    private let state: Mutex<State>
    /// Spares confirms the lock as long as all is well.
    private let someAreSilent = Atomic<Bool>(false)

    init(connection: AMQPConnection) {
        self.connection = connection
        state = Mutex(State(publisher: connection.makePublisher()))
    }

    /// As ``AMQPPublisher/publish(_:)``.
    func publish(_ publication: AMQPPublication) async throws(AMQPError) {
        let queue = publication.routingKey
        let publisher = try current(for: queue)
        do {
            try await publisher.publish(publication)
            note(nil, queue)
        } catch {
            note(error, queue)
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
            publisher = try current(for: queue)
        } catch {
            return completion(.failure(error))
        }
        publisher.publish(publication) { [self] result in
            switch result {
            case .success: note(nil, queue)
            case .failure(let error): note(error, queue)
            }
            completion(result)
        }
    }

    private func current(for queue: String) throws(AMQPError) -> AMQPPublisher {
        let publisher = state.withLock { state in
            state.silent.isEmpty || state.silent.admits(queue, at: .now) ? state.publisher : nil
        }
        guard let publisher else {
            throw AMQPError(.timedOut, "the queue has confirmed nothing for a while; one message a second is tried")
        }
        return publisher
    }

    /// - Parameter error: nil for a confirm.
    private func note(_ error: AMQPError?, _ queue: String) {
        switch error?.code {
        case .timedOut? where error?.outcomeUnknown == true:
            state.withLock { state in
                state.silent.noteSilence(of: queue, at: .now)
                someAreSilent.store(true, ordering: .relaxed)
            }
        case nil, .nacked?, .unroutable?:
            if someAreSilent.load(ordering: .relaxed) { noteAnswer(of: queue) }
            if error?.code == .nacked { noteRefusal() }
        default:
            break
        }
    }

    private func noteAnswer(of queue: String) {
        state.withLock { state in
            state.silent.noteAnswer(of: queue)
            someAreSilent.store(!state.silent.isEmpty, ordering: .relaxed)
        }
    }

    private func noteRefusal() {
        // The old one closes its channel when all that it has sent is confirmed.
        let old = state.withLock { state -> AMQPPublisher? in
            guard state.refusals.noteOne(at: .now) else { return nil }
            defer { state.publisher = connection.makePublisher() }
            return state.publisher
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
