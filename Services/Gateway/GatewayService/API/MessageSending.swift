import ChatContracts
import MessageBus
import Metrics

/// Sends messages for the API and for the page's form, which share the user's allowance.
struct MessageSending: Sendable {
    let requests: any Requests
    let directory: UserDirectory
    let rate: TokenBuckets<UserID>
    let deadline: Duration
    private let outcomes = CommandOutcomes(label: "martlet_gateway_sends")

    init(requests: any Requests, directory: UserDirectory, rate: Rate, deadline: Duration) {
        self.requests = requests
        self.directory = directory
        self.rate = TokenBuckets(rate: rate)
        self.deadline = deadline
    }

    /// Takes what a message costs from the user's allowance; throws the 429 problem if it is used up.
    func admit(_ user: UserID) throws(Problem) {
        guard let wait = rate.wait(user) else { return }
        outcomes.limited.increment()
        throw .tooManyRequests(after: wait, "You are sending very fast.")
    }

    /// Answers with the stored message's JSON. Every repeat of the same id gives the same answer. The route has admitted it.
    func send(_ message: SendMessage, context: GatewayContext) async throws(Problem) -> [UInt8] {
        do throws(Problem) {
            let bus = context.bus(timeout: deadline)
            var message = message
            message.mentions = try await directory.mentions(in: message.text, context: bus)
            let stored = try await requests.callRaw(message, context: bus)
            outcomes.stored.increment()
            return stored
        } catch {
            outcomes.counter(for: error).increment()
            throw error
        }
    }
}

extension MessageSending {
    /// The same for a caller without a task, of a message that mentions nobody: that would take a look-up.
    ///
    /// - Parameter completion: Called once, on any thread; it must not block.
    func send(
        _ message: SendMessage, requestID: String, traceparent: String,
        completion: @escaping @Sendable (Result<[UInt8], Problem>) -> Void
    ) {
        let context = BusContext(requestID: requestID, traceparent: traceparent, timeout: deadline)
        requests.callRaw(message, context: context) { [outcomes] result in
            switch result {
            case .success: outcomes.stored.increment()
            case .failure(let problem): outcomes.counter(for: problem).increment()
            }
            completion(result)
        }
    }
}
