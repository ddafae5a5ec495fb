import AMQP
import Synchronization

/// A publisher that takes a new channel when the broker keeps refusing on the old one.
///
/// RabbitMQ 3.10 looks up where a quorum queue's leader is when a channel publishes to it for the first time. If that node
/// has just died, the channel goes on asking it, and refuses every message until the node is back, although the queue has
/// had another leader for long. A new channel looks it up anew.
final class RenewedPublisher: Sendable {
    private struct State {
        var publisher: AMQPPublisher
        var refusals = Refusals()
    }

    private let connection: AMQPConnection
    private let state: Mutex<State>

    init(connection: AMQPConnection) {
        self.connection = connection
        state = Mutex(State(publisher: connection.makePublisher()))
    }

    /// As ``AMQPPublisher/publish(_:)``.
    func publish(_ publication: AMQPPublication) async throws(AMQPError) {
        do {
            try await current.publish(publication)
        } catch {
            note(error)
            throw error
        }
    }

    /// As ``AMQPPublisher/publish(_:completion:)``.
    func publish(
        _ publication: AMQPPublication, completion: @escaping @Sendable (Result<Void, AMQPError>) -> Void
    ) {
        current.publish(publication) { [self] result in
            if case .failure(let error) = result { note(error) }
            completion(result)
        }
    }

    private var current: AMQPPublisher { state.withLock { $0.publisher } }

    private func note(_ error: AMQPError) {
        guard error.code == .nacked else { return }
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
