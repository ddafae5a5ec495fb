/// What callers ask of the connection's thread.
enum Command: Sendable {
    case openPublisher(PublisherID)
    case closePublisher(PublisherID)
    case publish(PublisherID, [QueuedPublication])
    case request(ControlRequest)
    case openConsumer(ConsumerID, ConsumerStream)
    case settle(ConsumerID, generation: Int, Settlement)
    case bind(ConsumerID, BindingChange)
    case forgetBindings(ConsumerID, [BindingChange.Binding])
    case resubscribe(ConsumerID)
    /// The same, unless deliveries are unsettled.
    case renew(ConsumerID)
    case cancelConsumer(ConsumerID, PendingOperation<Void>)
    /// Without `patience` nothing that is under way is completed.
    case shutDown(patience: Bool)
}

struct PublisherID: Hashable, Sendable {
    var number: Int
}

struct ConsumerID: Hashable, Sendable {
    var number: Int
}

enum Settlement: Sendable {
    case acknowledge(UInt64)
    case acknowledgeThrough(UInt64)
    case reject(UInt64, requeue: Bool)
}

/// A publication and who wants to know what becomes of it.
struct QueuedPublication: Sendable {
    enum Observer: Sendable {
        case none
        case operation(PendingOperation<Void>)
        case batch(PendingBatch, index: Int)
        case callback(@Sendable (Result<Void, AMQPError>) -> Void)

        func begin() -> Bool {
            switch self {
            case .none, .callback: true
            case .operation(let operation): operation.begin()
            case .batch(let batch, let index): batch.begin(index)
            }
        }

        func finish(_ outcome: Result<Void, AMQPError>) {
            switch self {
            case .none: break
            case .operation(let operation): operation.finish(outcome)
            case .batch(let batch, let index): batch.finish(index, outcome)
            case .callback(let callback): callback(outcome)
            }
        }
    }

    var publication: AMQPPublication
    var observer: Observer
    var deadline: ContinuousClock.Instant

    var bodySize: Int { publication.message.body.count }
}

/// Methods for the control channel that belong together: done in order, ended by the first refusal.
struct ControlRequest: Sendable {
    var methods: [OutgoingMethod]
    /// Finishes with the answer to the last method.
    var operation: PendingOperation<IncomingMethod>
    /// Whether each method counts as an operation in the mailbox.
    var isCounted = true
}

/// Bindings of a consumer's queue to be made or taken away.
struct BindingChange: Sendable {
    struct Binding: Hashable, Sendable {
        var exchange: String
        var key: String
    }

    var bindings: [Binding]
    var isAddition: Bool
    var operation: PendingOperation<IncomingMethod>
    /// Whether each binding counts as an operation in the mailbox.
    var isCounted = true

    /// Operations to release when it is finished.
    var cost: Int { isCounted ? bindings.count : 0 }
}
