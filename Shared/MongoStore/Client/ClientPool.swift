import CMongoC
import Glibc
import Logging

/// The driver's connections and the threads that use them.
///
/// There are as many clients as threads and a client is held only inside one work item, so no thread ever waits for a
/// client and none can be lost to a task that is suspended.
///
/// > Thread-safety: "`mongoc_client_pool_t` is thread-safe" except for its destruction, which the last thread does when
/// > it ends. `@unchecked Sendable` for that reason; the rest of the state is the queue's, which has its own lock.
final class ClientPool: @unchecked Sendable {
    let queue: WorkQueue
    private let pool: OpaquePointer
    private let database: String
    private let ending: ThreadGroupEnd

    init(configuration: MongoConfiguration, logger: Logger) throws(MongoError) {
        guard configuration.threads > 0, configuration.admission > 0 else {
            throw MongoError(.refused, message: "threads and admission must be positive")
        }
        Driver.start(logger: logger)
        let uri = try configuration.driverURI()
        defer { mongoc_uri_destroy(uri) }
        var error = bson_error_t()
        guard let pool = mongoc_client_pool_new_with_error(uri, &error) else {
            throw MongoError(.refused, message: error.text)
        }
        mongoc_client_pool_set_error_api(pool, 2)
        guard LostAttempts.observe(pool) else {
            mongoc_client_pool_destroy(pool)
            throw MongoError(.refused, message: "the driver does not report failed commands")
        }
        self.pool = pool
        database = configuration.database
        queue = WorkQueue(capacity: configuration.admission)
        ending = ThreadGroupEnd(threads: configuration.threads)
        for number in 0..<configuration.threads {
            guard start(number) else {
                for _ in number..<configuration.threads { threadEnded() }
                queue.close()
                throw MongoError(.refused, message: "a thread cannot be started")
            }
        }
    }

    /// Refuses new operations and fails those that wait.
    func close() { queue.close() }

    /// Returns when all threads have ended and all connections are closed.
    func ended() async { await ending.wait() }

    private func start(_ number: Int) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { context in
                martlet_name_thread("mongo")
                let pool = Unmanaged<ClientPool>.fromOpaque(context!).takeRetainedValue()
                pool.work()
                return nil
            }, context.toOpaque())
        if status != 0 { context.release() }
        return status == 0
    }

    private func work() {
        var isDone = false
        while let item = queue.take(isDone: isDone) {
            let client = mongoc_client_pool_pop(pool)!
            LostAttempts.counted { lostAttempts in
                item.perform(on: MongoClient(pointer: client, database: database, lostAttempts: lostAttempts))
            }
            mongoc_client_pool_push(pool, client)
            isDone = true
        }
        threadEnded()
    }

    private func threadEnded() {
        ending.threadEnded { mongoc_client_pool_destroy(pool) }
    }
}

extension MongoConfiguration {
    /// The address with all settings, to be destroyed by the caller.
    fileprivate func driverURI() throws(MongoError) -> OpaquePointer {
        var error = bson_error_t()
        guard let uri = mongoc_uri_new_with_error(self.uri, &error) else {
            throw MongoError(.refused, message: error.text)
        }
        var isAccepted = true
        func set(_ option: String, _ value: Int64) {
            isAccepted = mongoc_uri_set_option_as_int32(uri, option, Int32(clamping: value)) && isAccepted
        }
        func set(_ option: String, _ value: String?) {
            guard let value else { return }
            isAccepted = mongoc_uri_set_option_as_utf8(uri, option, value) && isAccepted
        }
        set(MONGOC_URI_MAXPOOLSIZE, Int64(threads))
        set(MONGOC_URI_CONNECTTIMEOUTMS, connectTimeout.milliseconds)
        set(MONGOC_URI_SERVERSELECTIONTIMEOUTMS, serverSelectionTimeout.milliseconds)
        set(MONGOC_URI_SOCKETTIMEOUTMS, socketTimeout.milliseconds)
        isAccepted = mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true) && isAccepted
        isAccepted = mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, true) && isAccepted
        isAccepted = mongoc_uri_set_appname(uri, appName) && isAccepted
        if let username { isAccepted = mongoc_uri_set_username(uri, username) && isAccepted }
        if let password { isAccepted = mongoc_uri_set_password(uri, password) && isAccepted }
        if username != nil || authSource != nil {
            isAccepted = mongoc_uri_set_auth_source(uri, authSource ?? "admin") && isAccepted
        }
        if let tls {
            isAccepted = mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLS, true) && isAccepted
            set(MONGOC_URI_TLSCAFILE, tls.caFile)
            set(MONGOC_URI_TLSCERTIFICATEKEYFILE, tls.certificateKeyFile)
        }
        guard isAccepted else {
            mongoc_uri_destroy(uri)
            throw MongoError(.refused, message: "the driver does not accept the configuration")
        }
        return uri
    }
}

extension Duration {
    /// Whole milliseconds, at least 1, because the driver and the server take 0 for "no limit".
    var milliseconds: Int64 {
        max(
            1,
            components.seconds.multipliedReportingOverflow(by: 1000).partialValue + components.attoseconds
                / 1_000_000_000_000_000)
    }
}
