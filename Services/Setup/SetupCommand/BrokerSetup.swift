import BrokerAdministration
import ChatContracts
import Foundation
import Logging
public import MessageBus

/// The broker's part: virtual host, users, permissions and everything durable.
public struct BrokerSetup: Sendable {
    /// Where the broker is.
    public struct Configuration: Sendable {
        public var endpoints: [BusConfiguration.Endpoint]
        /// Scheme, host and port of the management API.
        public var managementURL: String
        public var virtualHost: String
        public var tls: BusConfiguration.TLS?

        public init(
            endpoints: [BusConfiguration.Endpoint], managementURL: String, virtualHost: String = "martlet",
            tls: BusConfiguration.TLS? = nil
        ) {
            self.endpoints = endpoints
            self.managementURL = managementURL
            self.virtualHost = virtualHost
            self.tls = tls
        }
    }

    private let configuration: Configuration
    private let secrets: SecretsFolder
    private let patience: Duration
    private let logger: Logger

    init(_ configuration: Configuration, secrets: SecretsFolder, patience: Duration, logger: Logger) {
        self.configuration = configuration
        self.secrets = secrets
        self.patience = patience
        self.logger = logger
    }

    func run() async throws(SetupError) {
        let administrator = BrokerCredentials(
            username: SecretsFolder.administrator, password: try secrets.brokerAdministratorPassword())
        let administration = BrokerAdministration(url: configuration.managementURL, credentials: administrator)
        do throws(BrokerAdministrationError) {
            try await waiting(upTo: patience, isFinal: { $0.status == 401 }) {
                () async throws(BrokerAdministrationError) in try await administration.checkReady()
            }
        } catch {
            guard error.status == 401 else { throw SetupError("the broker is not ready", cause: error) }
            throw SetupError(
                """
                the broker at \(configuration.managementURL) refuses the administrator's password: its data was created \
                with other secrets than those in \(secrets.url.path)
                """)
        }
        try await makeAccounts(administration)
        let bus = BusConfiguration(
            endpoints: configuration.endpoints, virtualHost: configuration.virtualHost,
            username: administrator.username, password: administrator.password, tls: configuration.tls,
            service: "setup")
        try await removeOutdatedQueues(administration)
        do {
            try await declareTopology(bus, logger: logger)
        } catch {
            throw SetupError("the broker's exchanges and queues could not be declared", cause: error)
        }
        logger.info("broker is set up", metadata: ["virtualHost": "\(configuration.virtualHost)"])
    }

    /// The type of a queue cannot be changed. Query queues were classic once; nothing in them is worth keeping.
    private func removeOutdatedQueues(_ administration: BrokerAdministration) async throws(SetupError) {
        do throws(BrokerAdministrationError) {
            let queues = try await administration.queues(in: configuration.virtualHost)
            for queue in queues where queue.type == "classic" && queryQueueNames.contains(queue.name) {
                try await administration.deleteQueue(queue.name, in: configuration.virtualHost)
                logger.info("a queue of an older type is replaced", metadata: ["queue": "\(queue.name)"])
            }
        } catch {
            throw SetupError("the broker's queues could not be listed", cause: error)
        }
    }

    private func makeAccounts(_ administration: BrokerAdministration) async throws(SetupError) {
        var passwords: [(ServiceAccount, String)] = []
        for service in ServiceAccount.brokerAccounts {
            passwords.append((service, try secrets.brokerPassword(of: service)))
        }
        let virtualHost = configuration.virtualHost
        do throws(BrokerAdministrationError) {
            try await administration.createVirtualHost(virtualHost)
            try await administration.setPermissions(.all, of: SecretsFolder.administrator, in: virtualHost)
            for (service, password) in passwords {
                try await administration.setUser(.init(username: service.name, password: password))
                try await administration.setPermissions(service.permissions, of: service.name, in: virtualHost)
            }
            try await administration.setPolicy(
                DeadLetterPolicy.name, for: "^\(DeadLetterPolicy.queues)$", in: virtualHost,
                DeadLetterPolicy.definition)
            // The password of this account is public knowledge.
            try await administration.deleteUser("guest")
        } catch {
            throw SetupError("the broker's accounts could not be created", cause: error)
        }
    }
}
