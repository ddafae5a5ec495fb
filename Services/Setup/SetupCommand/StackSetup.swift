public import Logging

/// Brings a broker and a replica set from nothing, or from any earlier state, to what the services need.
///
/// Every step checks first or can be repeated, so the setup can run again: after a crash, an update, or a new password.
public struct StackSetup: Sendable {
    /// Where the servers are and which secrets they are to have.
    public struct Configuration: Sendable {
        public var broker: BrokerSetup.Configuration
        public var database: DatabaseSetup.Configuration
        public var secrets: SecretsFolder
        /// How long the servers may take to respond.
        public var patience: Duration

        public init(
            broker: BrokerSetup.Configuration, database: DatabaseSetup.Configuration, secrets: SecretsFolder,
            patience: Duration = .seconds(120)
        ) {
            self.broker = broker
            self.database = database
            self.secrets = secrets
            self.patience = patience
        }
    }

    private let configuration: Configuration
    private let logger: Logger

    public init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Sets up the broker and the database at the same time.
    /// - Throws: the first failure, after the other part has ended too.
    public func run() async throws(SetupError) {
        let broker = BrokerSetup(
            configuration.broker, secrets: configuration.secrets, patience: configuration.patience, logger: logger)
        let database = DatabaseSetup(
            configuration.database, secrets: configuration.secrets, patience: configuration.patience, logger: logger)
        async let brokerFailure = failure { () async throws(SetupError) in try await broker.run() }
        async let databaseFailure = failure { () async throws(SetupError) in try await database.run() }
        let failures = await [brokerFailure, databaseFailure].compactMap(\.self)
        if let first = failures.first { throw first }
    }
}

private func failure(of body: @Sendable () async throws(SetupError) -> Void) async -> SetupError? {
    do throws(SetupError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

/// Repeats a request to a server that may still be starting.
///
/// - Parameter ask: returns the response, or throws what is wrong; `isFinal` marks errors that waiting does not fix
/// - Throws: the last error, when time is up or the error is final
func waiting<Answer: Sendable, Failure: Error>(
    upTo patience: Duration, isFinal: (Failure) -> Bool, _ ask: () async throws(Failure) -> Answer
) async throws(Failure) -> Answer {
    let end = ContinuousClock.now + patience
    while true {
        do throws(Failure) {
            return try await ask()
        } catch {
            if isFinal(error) || ContinuousClock.now >= end { throw error }
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { throw error }
        }
    }
}
