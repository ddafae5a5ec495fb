public import ArgumentParser
import Foundation
import Logging
import MartletVersion
import MessageBus

/// `martlet-setup`: prepares a broker and a database for Martlet's services.
public struct SetupCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet-setup",
        abstract: "Prepares RabbitMQ and MongoDB for Martlet's services. Every command can be repeated.",
        version: "martlet-setup \(martletVersion)",
        subcommands: [Run.self, Secrets.self, DeadLetters.self], defaultSubcommand: Run.self)

    public init() {}

    /// Sets up the servers.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: """
                Waits for the servers, then creates the replica set, the accounts of the services with only the rights that \
                they need, and the durable exchanges and queues.
                """)

        @Option(help: "The folder that `secrets` made.", transform: { URL(filePath: $0) })
        var secrets: URL

        @Option(help: "Nodes of the broker, as host:port, separated by commas.")
        var brokerHosts = "127.0.0.1:5672"

        @Option(help: "Scheme, host and port of the broker's management API.")
        var brokerManagement = "http://127.0.0.1:15672"

        @Option(help: "The virtual host at the broker.")
        var virtualHost = "martlet"

        @Option(help: "Certificates (PEM) that the broker's must be signed by; turns TLS on.")
        var brokerCaFile: String?

        @Option(help: "Members of the replica set as the services reach them, as host:port, separated by commas.")
        var databaseHosts = "127.0.0.1:27017"

        @Option(
            help: """
                The first member as this command reaches it, through the loopback address of its machine; the first of \
                --database-hosts unless given.
                """)
        var databaseLocal: String?

        @Option(help: "The name of the replica set.")
        var replicaSet = "martlet"

        @Option(help: "How long the servers may take to respond, in seconds.")
        var patience = 120

        func run() async throws {
            var logger = Logger(label: "martlet.setup")
            logger.logLevel = .info
            let setup = StackSetup(
                .init(
                    broker: .init(
                        endpoints: try BrokerHosts.endpoints(brokerHosts), managementURL: brokerManagement,
                        virtualHost: virtualHost, tls: brokerCaFile.map { .init(certificateAuthority: $0) }),
                    database: .init(
                        members: databaseHosts.split(separator: ",").map(String.init), localMember: databaseLocal,
                        replicaSet: replicaSet),
                    secrets: SecretsFolder(secrets), patience: .seconds(patience)), logger: logger)
            try await setup.run()
        }
    }

    /// Makes the secrets.
    struct Secrets: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: """
                Creates a random secret for every account, and the files that broker, database and services read. \
                Existing secrets stay unchanged.
                """)

        @Option(help: "The folder for the secrets.", transform: { URL(filePath: $0) })
        var folder: URL

        @Option(
            help: """
                User ids that own the files of a part, such as broker=999; repeatable. The parts are broker, \
                database, gateway, users, messages and setup.
                """)
        var owner: [String] = []

        @Flag(
            help: """
                Also creates a new key for people's passwords, which becomes the current one; existing keys stay after \
                it. Restart the users services before the gateways.
                """)
        var newPasswordKey = false

        func run() async throws {
            var owners: [String: Int] = [:]
            for text in owner {
                let pieces = text.split(separator: "=")
                guard pieces.count == 2, let id = Int(pieces[1]) else {
                    throw ValidationError("--owner: \"\(text)\" is not part=number")
                }
                owners[String(pieces[0])] = id
            }
            let made = try SecretsFolder(folder).generate(owners: owners, withNewPasswordKey: newPasswordKey)
            print(made == 0 ? "All secrets exist." : "Created \(made) secrets in \(folder.path).")
        }
    }
}
