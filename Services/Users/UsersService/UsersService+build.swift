import ChatContracts
import MessageBus
import MongoStore
import PasswordHashing
import ServiceConnections
public import ServiceKit
public import ServiceLifecycle

/// Makes the users service: accounts, passwords and profiles, asked for over the bus, kept in a database of its own.
///
/// Nothing is sent and no database is needed before the parts run. The readiness checks are added to the runtime's.
///
/// - Parameter runtime: with the settings of ``UsersSettings/all``.
/// - Returns: the parts in the order of their dependencies: to be started in this order and stopped in reverse.
public func buildUsersService(_ runtime: ServiceRuntime) async throws -> [any Service] {
    let settings = runtime.settings
    let logger = runtime.logger
    let bus = MessageBus(configuration: BusConfiguration(try BusSettings(settings), runtime: runtime), logger: logger)
    let database = try MongoDatabase(
        configuration: MongoConfiguration(try DatabaseSettings(settings), runtime: runtime), logger: logger)
    let keys = try PasswordPrivateKeys(settings)
    let hasher = try PasswordHasher(configuration: PasswordHasher.Configuration(settings))
    let store = AccountStore(database: database)
    let metrics = UsersMetrics()
    runtime.metrics.collect { hasher.load.samples }

    let publisher = BusPublisher(bus: bus, logger: logger)

    let register = RegisterUserHandler(store: store, hasher: hasher, keys: keys, metrics: metrics, logger: logger)
    let updateProfile = UpdateProfileHandler(store: store, publisher: publisher, logger: logger)
    let changePassword = ChangePasswordHandler(
        store: store, hasher: hasher, keys: keys, publisher: publisher, metrics: metrics, logger: logger)
    let signIn = SignInHandler(store: store, hasher: hasher, keys: keys, metrics: metrics, logger: logger)
    let lookUp = LookUpUsersHandler(store: store)
    let isDirectory = try settings.value(UsersSettings.directory)
    let list = ListUsersHandler(store: store, isDirectory: isDirectory)
    let find = FindUsersHandler(store: store, isDirectory: isDirectory)
    let chatPeople = ReadChatPeopleHandler(lookUp: lookUp, list: list, find: find, logger: logger)
    let versions = ReadCredentialVersionsHandler(store: store)
    let backfill = SearchKeyBackfill(store: store, logger: logger)

    let commandConcurrency = try settings.value(UsersSettings.commandConcurrency)
    let queryConcurrency = try settings.value(UsersSettings.queryConcurrency)
    // More than the hasher takes, so that overload is refused at once instead of waiting unseen in the queue.
    let signInConcurrency = hasher.configuration.threads + hasher.configuration.waiting + 16

    let indexes = IndexPreparation(logger: logger) { () async throws(MongoError) in try await store.createIndexes() }
    let serving = IndexedServing(indexes: indexes, background: { await backfill.run() }) {
        func server(_ queue: String, prefetch: Int, concurrency: Int) -> RequestServer {
            RequestServer(
                bus: bus, queue: queue, prefetch: prefetch, concurrency: concurrency,
                deadLetterQueue: Topology.userDeadLetters, logger: logger)
        }
        let commands = server(
            Topology.userCommands, prefetch: commandConcurrency * 2, concurrency: commandConcurrency)
        commands.handle(RegisterUser.self) { try await register($0, $1) }
        commands.handle(UpdateProfile.self) { try await updateProfile($0, $1) }
        commands.handle(ChangePassword.self) { try await changePassword($0, $1) }
        let signIns = server(Topology.userSignIns, prefetch: signInConcurrency, concurrency: signInConcurrency)
        signIns.handle(SignIn.self) { try await signIn($0, $1) }
        let queries = server(Topology.userQueries, prefetch: queryConcurrency * 2, concurrency: queryConcurrency)
        queries.handle(LookUpUsers.self) { try await lookUp($0, $1) }
        queries.handle(ListUsers.self) { try await list($0, $1) }
        queries.handle(FindUsers.self) { try await find($0, $1) }
        queries.handle(ReadChatPeople.self) { try await chatPeople($0, $1) }
        queries.handle(ReadCredentialVersions.self) { try await versions($0, $1) }
        return [commands, signIns, queries]
    }
    runtime.readiness.add("broker") { bus.checkReady() }
    runtime.readiness.add("database") { await database.obstacle() }
    runtime.readiness.add("indexes") { indexes.obstacle }
    runtime.readiness.add("subscriptions") { serving.missingSubscriptions }
    let resources = ResourceLifetime {
        hasher.shutdown()
        await database.shutdown()
    }
    return [bus, resources, serving]
}
