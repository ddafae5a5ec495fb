import ChatContracts
import Foundation
import Logging
import MessageBus
import MongoStore
import PasswordHashing
import ServiceKit
import ServiceLifecycle
import TestSupport

@testable import UsersService

/// The service as it runs in production, in this process, and what a gateway would ask it with.
struct RunningUsers: Sendable {
    let client: RequestClient
    /// What a gateway seals with.
    let passwordKey: PasswordPublicKey
    let bus: MessageBus
    /// The service's database, to look into.
    let accounts: MongoCollection
    let broker: BrokerAccess
    let database: DatabaseAccess
    /// One for each replica of the service.
    let runtimes: [ServiceRuntime]

    /// What keeps a replica from being ready, by the names of the checks; empty if all are.
    func obstacles() async -> Set<String> {
        var names: Set<String> = []
        for runtime in runtimes {
            names.formUnion(await runtime.readiness.report().conditions.filter { !$0.isReady }.map(\.name))
        }
        return names
    }

    /// What all replicas together show to Prometheus.
    var metrics: String { runtimes.map { $0.metrics.exposition() }.joined() }

    /// The machine may be doing much else.
    private var patient: RequestContext { .background(timeout: .seconds(20)) }

    func register(
        _ username: String, id: UserID = .random(), displayName: String? = nil, password: String = "korrekt pferd"
    ) async throws -> User {
        try await client.call(
            registration(username, id: id, displayName: displayName, password: password),
            queue: Topology.userCommands, form: .command, context: patient
        ).user
    }

    func registration(
        _ username: String, id: UserID, displayName: String? = nil, password: String = "korrekt pferd"
    ) throws -> RegisterUser {
        RegisterUser(
            id: id, username: username, displayName: displayName,
            password: try passwordKey.seal(password, for: RegisterUser.passwordBinding(username: username)))
    }

    func signIn(_ username: String, _ password: String = "korrekt pferd") async throws -> User {
        try await authenticate(username, password).user
    }

    func authenticate(_ username: String, _ password: String = "korrekt pferd") async throws -> AuthenticatedUser {
        try await client.call(
            SignIn(
                username: username,
                password: try passwordKey.seal(password, for: SignIn.passwordBinding(username: username))),
            queue: Topology.userSignIns, form: .query, context: patient)
    }

    func updateProfile(_ user: UserID, _ displayName: String? = nil, about: String? = nil) async throws -> User {
        try await client.call(
            UpdateProfile(user: user, displayName: displayName, about: about), queue: Topology.userCommands,
            form: .command,
            context: patient)
    }

    func changePassword(
        _ user: UserID, from old: String, to new: String, version: Int64 = 1
    ) async throws -> AuthenticatedUser {
        try await client.call(
            ChangePassword(
                user: user,
                currentPassword: try passwordKey.seal(old, for: ChangePassword.currentPasswordBinding(user: user)),
                newPassword: try passwordKey.seal(new, for: ChangePassword.newPasswordBinding(user: user)),
                credentialVersion: version),
            queue: Topology.userCommands, form: .command, context: patient)
    }

    func credentialVersions(_ users: [UserID]) async throws -> [UserID: Int64] {
        try await client.call(
            ReadCredentialVersions(users: users), queue: Topology.userQueries, form: .query, context: patient
        ).versions
    }

    func find(_ text: String, limit: Int = Limits.pageSize) async throws -> [String] {
        try await client.call(
            FindUsers(text: text, limit: limit), queue: Topology.userQueries, form: .query, context: patient
        ).users.map(\.username)
    }

    func lookUp(ids: [UserID] = [], usernames: [String] = []) async throws -> [User] {
        try await client.call(
            LookUpUsers(ids: ids, usernames: usernames), queue: Topology.userQueries, form: .query, context: patient
        ).users
    }

    func list(
        _ prefix: String = "", after: String? = nil, limit: Int = Limits.pageSize
    ) async throws -> UserList {
        try await client.call(
            ListUsers(prefix: prefix, after: after, limit: limit), queue: Topology.userQueries, form: .query,
            context: patient)
    }

    func chatPeople(_ request: ReadChatPeople) async throws -> ChatPeople {
        try await client.call(request, queue: Topology.userQueries, form: .query, context: patient)
    }

    /// The stored hash of an account.
    func storedHash(_ id: UserID) async throws -> PasswordHash {
        let document = try await accounts.findOne(BSONDocument { $0.append("_id", BSONBinary(id.bytes)) })
        return try PasswordHash(encoded: document?.string("h") ?? "")
    }
}

/// Cheap passwords, for tests that are about something else.
let cheapPasswords = ["--passwords-memory", "64KiB", "--passwords-iterations", "1"]

/// Runs the service on a virtual host and a database of its own.
func withUsersService(
    flags: [String] = cheapPasswords, replicas: Int = 1, keys: String = PasswordPrivateKeys.randomKey(),
    _ body: @Sendable (RunningUsers) async throws -> Void
) async throws {
    try await withVirtualHost { broker in
        try await withDatabase { database in
            try await withUsersService(
                broker: broker, database: database, flags: flags, replicas: replicas, keys: keys, waitUntilReady: true,
                body)
        }
    }
}

/// Runs replicas of the service on a given virtual host and database, and a gateway's side of the bus.
func withUsersService(
    broker: BrokerAccess, database: DatabaseAccess, flags: [String] = cheapPasswords, replicas: Int = 1,
    keys: String = PasswordPrivateKeys.randomKey(), waitUntilReady: Bool,
    _ body: @Sendable (RunningUsers) async throws -> Void
) async throws {
    var logger = Logger(label: "users-tests")
    logger.logLevel = .error
    let gateway = BusConfiguration(
        endpoints: [.init(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost,
        username: broker.username, password: broker.password, service: "gateway",
        operationTimeout: .seconds(30))
    try await Turns.topology.take { try await declareTopology(gateway, logger: logger) }
    let bus = MessageBus(configuration: gateway, logger: logger)
    let client = RequestClient(bus: bus, logger: logger)
    var services: [any Service] = [bus, client]
    var runtimes: [ServiceRuntime] = []
    for _ in 0..<replicas {
        let settings = try SettingsReader(
            service: "users", settings: UsersSettings.all, arguments: flags,
            environment: [
                "MARTLET_BROKER_HOSTS": "\(broker.host):\(broker.port)",
                "MARTLET_BROKER_VIRTUAL_HOST": broker.virtualHost, "MARTLET_BROKER_USER": broker.username,
                "MARTLET_BROKER_PASSWORD": broker.password, "MARTLET_DATABASE_URI": database.uri,
                "MARTLET_DATABASE_NAME": database.database, "MARTLET_DATABASE_USER": database.username,
                "MARTLET_DATABASE_PASSWORD": database.password, "MARTLET_DATABASE_AUTH_SOURCE": database.authSource,
                "MARTLET_PASSWORDS_PRIVATE_KEYS": keys,
            ])
        let runtime = ServiceRuntime(
            settings: settings, logger: logger, readiness: Readiness(lifetime: .milliseconds(100)))
        services += try await buildUsersService(runtime)
        runtimes.append(runtime)
    }
    var configuration = database.configuration
    configuration.threads = 2
    let store = try MongoDatabase(configuration: configuration, logger: logger)
    let group = ServiceGroup(
        configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
    let users = RunningUsers(
        client: client, passwordKey: try PasswordPrivateKeys(keys).currentPublicKey, bus: bus,
        accounts: store.collection("accounts"), broker: broker, database: database,
        runtimes: runtimes)

    let result: Result<Void, any Error>
    do {
        result = .success(
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                do {
                    try await eventually("the gateway's bus is ready") { client.isSubscribed && bus.isReady }
                    if waitUntilReady {
                        try await eventually("the service is ready") {
                            await users.obstacles().isEmpty
                        }
                    }
                    try await body(users)
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            })
    } catch {
        result = .failure(error)
    }
    await store.shutdown()
    try result.get()
}
