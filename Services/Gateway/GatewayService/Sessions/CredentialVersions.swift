import ChatContracts
import Logging
import Synchronization

/// How often the passwords of accounts were set, as far as this gateway knows: from events, and from asking the users
/// service. A session that was opened with a lower version has ended.
///
/// Asking never fails and never takes long: when the users service does not answer, sessions are judged by what is known,
/// so that its absence signs nobody out. Then no look-up waits for more than one deadline: those that wait for their turn
/// go on with the first question that fails, and until one succeeds only a single look-up at a time tries again. Bounded.
final class CredentialVersions: Sendable {
    /// Asks the users service for the present versions; accounts of version 1 and unknown ones are absent.
    typealias Ask = @Sendable ([UserID]) async throws -> [UserID: Int64]

    /// How long an answer may take.
    static let deadline: Duration = .seconds(1)
    private struct State {
        /// Only those above 1, which is what every account has from the beginning.
        var known: [UserID: Int64] = [:]
        /// Set while the last question failed.
        var pausedUntil: ContinuousClock.Instant?
        var failures = 0

        /// The failures up to now if the users service may be asked. During an outage the first look-up after a pause may,
        /// and begins the next pause, so that the others do not wait for it.
        mutating func admit(pausing pause: Duration) -> Int? {
            guard let until = pausedUntil else { return failures }
            guard until <= .now else { return nil }
            pausedUntil = .now + pause
            return failures
        }
    }

    private let ask: Ask
    private let logger: Logger
    private let capacity: Int
    /// How long nobody is asked after a question that failed.
    private let pause: Duration
    private let state = Mutex(State())
    private let questions = SharedQuestions<UserID, Void>(width: 2, batch: ReadCredentialVersions.maximumUsers)

    init(logger: Logger, capacity: Int = 100_000, pause: Duration = .seconds(3), ask: @escaping Ask) {
        self.ask = ask
        self.logger = logger
        self.capacity = capacity
        self.pause = pause
    }

    /// Whether a session of this version has ended, by what is known.
    func isOutdated(_ version: Int64, of user: UserID) -> Bool {
        state.withLock { $0.known[user].map { version < $0 } ?? false }
    }

    /// The account has at least this version.
    func raise(_ user: UserID, to version: Int64) {
        guard version > 1 else { return }
        state.withLock { state in
            guard state.known[user, default: 1] < version else { return }
            // What is forgotten is asked for again when a session is looked up.
            if state.known.count >= capacity, state.known[user] == nil { state.known.removeAll() }
            state.known[user] = version
        }
    }

    /// Learns an account's present version, if the users service can be asked. Look-ups share questions, and nobody joins one
    /// that has begun, so a change that is finished before is seen.
    func refresh(_ user: UserID) async {
        guard let failures = admit(), case .asks(let others) = await questions.turn(for: user) else { return }
        if state.withLock({ $0.failures == failures }) { await learn(Set([user] + others.map(\.key))) }
        for other in others { other.answer(()) }
        questions.passOn()
    }

    /// The same for many, with as few questions as possible; stops at the first that fails.
    func refresh(_ users: [UserID]) async {
        var users = users
        while !users.isEmpty, admit() != nil {
            let part = Set(users.suffix(ReadCredentialVersions.maximumUsers))
            users.removeLast(min(users.count, ReadCredentialVersions.maximumUsers))
            await learn(part)
        }
    }

    private func admit() -> Int? { state.withLock { $0.admit(pausing: pause) } }

    private func learn(_ users: Set<UserID>) async {
        do {
            for (user, version) in try await ask(Array(users)) { raise(user, to: version) }
            state.withLock { $0.pausedUntil = nil }
        } catch {
            let isFirst = state.withLock { state in
                defer {
                    state.pausedUntil = .now + pause
                    state.failures += 1
                }
                return state.pausedUntil == nil
            }
            guard isFirst else { return }
            logger.notice(
                "The users service does not tell whether passwords were changed; sessions are judged by what is known",
                metadata: ["error": "\(error)"])
        }
    }
}
