import CMongoC
import Glibc
import Logging
import Synchronization

/// What exists once per process: the driver's start, its log and the count of lost attempts per thread.
enum Driver {
    private static let started: Bool = {
        mongoc_init()
        mongoc_log_set_handler(
            { level, domain, message, _ in
                guard let message, let logger = Driver.logger.withLock({ $0 }) else { return }
                let domain = domain.map { String(cString: $0) } ?? ""
                logger.log(
                    level: Driver.level(level), "database driver",
                    metadata: ["domain": "\(domain)", "detail": "\(String(cString: message))"])
            }, nil)
        return true
    }()

    private static let logger = Mutex<Logger?>(nil)

    /// Starts the driver if it is not running. Its log goes to the logger that was given last. The driver is never shut
    /// down, because it cannot be started again in the same process.
    static func start(logger: Logger) {
        Self.logger.withLock { $0 = logger }
        _ = started
    }

    private static func level(_ level: mongoc_log_level_t) -> Logger.Level {
        switch level {
        case MONGOC_LOG_LEVEL_ERROR, MONGOC_LOG_LEVEL_CRITICAL: .error
        case MONGOC_LOG_LEVEL_WARNING: .warning
        case MONGOC_LOG_LEVEL_MESSAGE, MONGOC_LOG_LEVEL_INFO: .info
        case MONGOC_LOG_LEVEL_DEBUG: .debug
        default: .trace
        }
    }
}

/// How many commands of the current work item were sent, or partly sent, and got no reply.
///
/// The driver repeats a write once by itself and then reports only the last error; this tells whether an earlier
/// attempt may have been executed. The driver calls back in the thread that runs the command, so the counts are kept
/// per thread.
enum LostAttempts {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "no thread-specific storage is left")
        return key
    }()

    /// Runs `body`, which may read the count.
    static func counted<Result>(_ body: (UnsafePointer<Int>) -> Result) -> Result {
        var count = 0
        return withUnsafeMutablePointer(to: &count) { count in
            pthread_setspecific(key, count)
            defer { pthread_setspecific(key, nil) }
            return body(UnsafePointer(count))
        }
    }

    static func observe(_ pool: OpaquePointer) -> Bool {
        martlet_pool_observe_failures(pool) { event in
            guard let count = pthread_getspecific(LostAttempts.key)?.assumingMemoryBound(to: Int.self) else { return }
            var error = bson_error_t()
            mongoc_apm_command_failed_get_error(event, &error)
            if error.domain == MONGOC_ERROR_STREAM.rawValue || error.domain == MONGOC_ERROR_PROTOCOL.rawValue {
                count.pointee += 1
            }
        }
    }
}
