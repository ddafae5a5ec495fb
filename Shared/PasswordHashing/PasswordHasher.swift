internal import Foundation

/// Hashes and checks passwords with Argon2id on threads of its own.
///
/// A hash costs tens of milliseconds of a core and 19 MiB of memory by default, so at most ``Configuration/threads`` run
/// at a time, at most ``Configuration/waiting`` more wait, and the rest is turned away at once. No call blocks the
/// caller's thread. Safe to use from any task.
public final class PasswordHasher: Sendable {
    public struct Configuration: Sendable {
        /// The cost of new hashes.
        public var parameters: HashingParameters
        /// How many hashes run at a time. Default: the number of cores.
        public var threads: Int
        /// How many more may wait for their turn. Default: 64 for each thread.
        public var waiting: Int
        /// How long one waits at most, unless the caller allows less. Default: 3 s.
        public var timeout: Duration

        public init(
            parameters: HashingParameters = HashingParameters(),
            threads: Int? = nil, waiting: Int? = nil, timeout: Duration = .seconds(3)
        ) {
            self.parameters = parameters
            self.threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
            self.waiting = max(0, waiting ?? self.threads * 64)
            self.timeout = timeout
        }
    }

    /// How much there is to do.
    public struct Load: Sendable, Equatable {
        /// Hashes that wait for their turn.
        public var waiting: Int
        /// Hashes that are being computed.
        public var running: Int
        /// Hashes turned away because too many were waiting, since the start.
        public var refused: UInt64
        /// Hashes given up because their deadline passed while they waited, since the start.
        public var expired: UInt64
    }

    public let configuration: Configuration
    private let threads: BoundedThreads
    private let unmatchable: PasswordHash

    /// Starts the threads; ``shutdown()`` ends them.
    ///
    /// - Throws: `refused` if the parameters are not ones that Argon2id takes.
    public init(configuration: Configuration = Configuration()) throws(PasswordHashingError) {
        guard configuration.parameters.isValid else {
            throw PasswordHashingError(.refused, "parameters out of range: \(configuration.parameters)")
        }
        self.configuration = configuration
        unmatchable = .unmatchable(configuration.parameters)
        threads = BoundedThreads(
            count: configuration.threads, capacity: configuration.waiting, name: "password-hashing")
    }

    deinit { threads.shutdown() }

    public var load: Load {
        let load = threads.load
        return Load(waiting: load.waiting, running: load.running, refused: load.refused, expired: load.expired)
    }

    /// Hashes a password with a fresh random salt.
    ///
    /// - Parameters:
    ///   - password: the bytes as they are; nothing is cut off or normalised.
    ///   - timeout: how long to wait for a turn, at most ``Configuration/timeout``.
    /// - Throws: `busy`, `timedOut`, `cancelled`, `closed`, all of which mean that nothing was computed; `refused` if
    ///   the library failed.
    public func hash(_ password: [UInt8], timeout: Duration? = nil) async throws(PasswordHashingError) -> PasswordHash {
        let parameters = configuration.parameters
        return try await threads.run(deadline: deadline(timeout)) { () throws(PasswordHashingError) in
            var source = SystemRandomNumberGenerator()
            let salt = (0..<parameters.saltLength).map { _ in UInt8.random(in: .min ... .max, using: &source) }
            let encoded = try Argon2.hash(password, salt: salt, parameters: parameters)
            return PasswordHash(trusted: encoded, parameters: parameters)
        }
    }

    /// Whether a password fits a stored hash.
    ///
    /// - Parameters:
    ///   - hash: the stored hash, or nil for an account that does not exist: then the same work is done and the result
    ///     is false, so that the time does not reveal which names exist.
    ///   - timeout: how long to wait for a turn, at most ``Configuration/timeout``.
    /// - Throws: as ``hash(_:timeout:)``, and `malformedHash`.
    public func verify(
        _ password: [UInt8], against hash: PasswordHash?, timeout: Duration? = nil
    ) async throws(PasswordHashingError) -> Bool {
        let encoded = (hash ?? unmatchable).encoded
        let fits = try await threads.run(deadline: deadline(timeout)) { () throws(PasswordHashingError) in
            try Argon2.verify(password, encoded: encoded)
        }
        return fits && hash != nil
    }

    /// Whether a stored hash was made with other parameters than new ones are, so that it should be replaced when the
    /// password is at hand.
    public func needsRehash(_ hash: PasswordHash) -> Bool { hash.parameters != configuration.parameters }

    /// Turns new work away, ends the wait of what waits with `closed`, and ends the threads after what they are doing.
    public func shutdown() { threads.shutdown() }

    private func deadline(_ timeout: Duration?) -> ContinuousClock.Instant {
        .now + min(timeout ?? configuration.timeout, configuration.timeout)
    }
}
