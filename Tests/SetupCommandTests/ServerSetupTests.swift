import AMQP
import BrokerAdministration
import ChatContracts
import Foundation
import LocalStack
import Logging
import MessageBus
import MongoStore
import SetupCommand
import TestSupport
import Testing

/// One set-up of fresh servers, and then everything about it: starting servers takes longer than all questions.
@Suite("Setting up a broker and a replica set", .timeLimit(.minutes(5)))
struct ServerSetupTests {
    @Test func `from nothing, again, and with other secrets; every account can do its work and no more`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        try secrets.generate()
        let password = try secrets.brokerAdministratorPassword()
        let database = try ReplicaSet(folder: folder.url.appending(path: "database"), keyFile: secrets.databaseKey)
        let options = BrokerNode.Options(
            administrator: .init(username: SecretsFolder.administrator, password: password))
        try await withPrivateBroker(options: options) { broker, _ in
            try await database.startNodes()
            let servers = Servers(broker: broker, database: database, secrets: secrets)
            // As an administrator might have left it.
            try await broker.administration.setUser(.init(username: "guest", password: "guest"))

            try await servers.setup(secrets).run()
            try await checkBroker(servers)
            try await checkDatabase(servers)

            // A queue of a kind that an older release made is replaced.
            try await servers.withBroker(
                username: SecretsFolder.administrator, password: password
            ) { connection in
                try await connection.deleteQueue(Topology.messageQueries)
                try await connection.declare([.queue(name: Topology.messageQueries)])
            }
            try await servers.setup(secrets).run()
            let queues = try await broker.administration.queues(in: "martlet")
            #expect(queues.first { $0.name == Topology.messageQueries }?.type == "quorum")

            // A second run changes nothing, and new passwords of services take effect.
            try await servers.setup(secrets).run()
            try changePassword("gateway-database-password", of: secrets)
            try changePassword("gateway-broker-password", of: secrets)
            try await servers.setup(secrets).run()
            try await checkBroker(servers)
            try await checkDatabase(servers)

            // With secrets that the servers do not know, it ends with a line that says so.
            let others = SecretsFolder(folder.url.appending(path: "others"))
            try others.generate()
            let error = await #expect(throws: SetupError.self) { try await servers.setup(others).run() }
            let text = error?.description ?? ""
            #expect(text.contains("other secrets"), "\(text)")
            #expect(!text.contains("\n"))

            for node in database.nodes { await node.kill() }
        }
    }

    private struct Servers {
        let broker: BrokerNode
        let database: ReplicaSet
        let secrets: SecretsFolder
        static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

        func setup(_ secrets: SecretsFolder) -> StackSetup {
            StackSetup(
                .init(
                    broker: .init(
                        endpoints: [.init(host: "127.0.0.1", port: broker.port)],
                        managementURL: "http://127.0.0.1:\(broker.managementPort)"),
                    database: .init(
                        members: database.nodes.map { "127.0.0.1:\($0.port)" }, replicaSet: database.name),
                    secrets: secrets, patience: .seconds(30)), logger: Self.logger)
        }

        func withBroker<Result: Sendable>(
            as service: ServiceAccount, _ body: @escaping @Sendable (AMQPConnection) async throws -> Result
        ) async throws -> Result {
            try await withBroker(
                username: service.name, password: try secrets.brokerPassword(of: service), body)
        }

        func withBroker<Result: Sendable>(
            username: String, password: String, _ body: @escaping @Sendable (AMQPConnection) async throws -> Result
        ) async throws -> Result {
            let connection = AMQPConnection(
                configuration: AMQPConfiguration(
                    endpoints: [.init(host: "127.0.0.1", port: broker.port)], virtualHost: "martlet",
                    username: username, password: password, connectionName: "test"), logger: Self.logger)
            let running = Task { try await connection.run() }
            defer { running.cancel() }
            try await connection.waitUntilOpen(timeout: .seconds(10))
            return try await body(connection)
        }

        func withDatabase(
            of service: ServiceAccount, name: String, _ body: (MongoCollection) async throws -> Void
        ) async throws {
            let mongo = try MongoDatabase(
                configuration: MongoConfiguration(
                    uri: database.uri, database: name, username: service.name,
                    password: try secrets.databasePassword(of: service), authSource: service.name),
                logger: Self.logger)
            do {
                try await body(mongo.collection("things"))
                await mongo.shutdown()
            } catch {
                await mongo.shutdown()
                throw error
            }
        }
    }

    private func checkBroker(_ servers: Servers) async throws {
        let users = Set(try await servers.broker.administration.users())
        #expect(users.isSuperset(of: ["administrator", "gateway", "users", "messages"]))
        #expect(!users.contains("guest"))

        try await servers.withBroker(as: .gateway) { connection in
            // Its own queue, bound to what it is to hear of.
            let queue = Topology.gatewayEvents(instance: "gateway-test")
            try await connection.declare([
                .queue(name: queue, durable: false, exclusive: true, autoDelete: true),
                .binding(queue: queue, exchange: Topology.eventsExchange, routingKey: Topology.bucketKey(1)),
                .binding(queue: queue, exchange: Topology.repliesExchange, routingKey: "gateway-test"),
            ])
            let publisher = connection.makePublisher()
            try await publisher.publish(command(as: "gateway", to: Topology.userCommands))
            _ = try await connection.deleteQueue(queue)
            // Nobody else's.
            await refused { try await connection.declare([.queue(name: "messages.mine")]) }
            await refused { try await connection.deleteQueue(Topology.userCommands) }
            await refused { try await connection.purgeQueue(Topology.userCommands) }
            // A user name that is not the connection's own would be somebody else's word.
            await refused { try await publisher.publish(command(as: "users", to: Topology.userCommands)) }
        }
        try await servers.withBroker(as: .users) { connection in
            let purged = try await connection.purgeQueue(Topology.userCommands)
            #expect(purged >= 1)
            await refused { try await connection.purgeQueue(Topology.messageCommands(shard: 0)) }
            await refused { try await connection.purgeQueue(Topology.userDeadLetters) }
            await refused { try await connection.declare([.queue(name: "users.mine")]) }
            let publisher = connection.makePublisher()
            await refused { try await publisher.publish(command(as: "users", to: Topology.userCommands)) }
        }
        try await servers.withBroker(as: .messages) { connection in
            for shard in 0..<Topology.shardCount {
                _ = try await connection.purgeQueue(Topology.messageCommands(shard: shard))
            }
            _ = try await connection.purgeQueue(Topology.messageQueries)
            await refused { try await connection.purgeQueue(Topology.userQueries) }
        }
        try await servers.withBroker(as: .operator) { connection in
            for queue in [Topology.messageDeadLetters, Topology.userDeadLetters] {
                _ = try await connection.purgeQueue(queue)
            }
            let publisher = connection.makePublisher()
            try await publisher.publish(command(as: "operator", to: Topology.userCommands))
            // It sees only dead letters, publishes no events, and declares nothing.
            await refused { try await connection.purgeQueue(Topology.userCommands) }
            await refused { try await connection.purgeQueue(Topology.messageCommands(shard: 0)) }
            await refused { try await connection.declare([.queue(name: "operator.mine")]) }
            await refused {
                try await publisher.publish(
                    AMQPPublication(
                        exchange: Topology.eventsExchange, routingKey: EventName.messageSent,
                        message: AMQPMessage(body: [])))
            }
        }
    }

    private func checkDatabase(_ servers: Servers) async throws {
        let thing = BSONDocument { $0.append("a", Int32(1)) }
        for service in ServiceAccount.allCases {
            try await servers.withDatabase(of: service, name: service.name) { things in
                try await things.insert(thing)
                try await things.createIndexes([MongoIndex(name: "a", keys: [.init("a")])])
            }
            let other: ServiceAccount = service == .users ? .messages : .users
            await #expect(throws: MongoError.self) {
                try await servers.withDatabase(of: service, name: other.name) { things in
                    try await things.insert(thing)
                }
            }
            await #expect(throws: MongoError.self) {
                try await servers.withDatabase(of: service, name: other.name) { things in
                    _ = try await things.find(BSONDocument())
                }
            }
        }
    }

    private func changePassword(_ name: String, of secrets: SecretsFolder) throws {
        try FileManager.default.removeItem(at: secrets.url.appending(path: "setup/\(name)"))
        #expect(try secrets.generate() == 1)
    }
}

private func command(as user: String, to queue: String) -> AMQPPublication {
    AMQPPublication(
        exchange: Topology.commandsExchange, routingKey: queue, mandatory: true,
        message: AMQPMessage(properties: AMQPProperties(userID: user), body: []))
}

private func refused(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
) async {
    let error = await #expect(throws: AMQPError.self, sourceLocation: sourceLocation) { _ = try await body() }
    #expect(
        error?.replyCode == 403 || error?.replyCode == 406, "\(error?.description ?? "")",
        sourceLocation: sourceLocation)
}
