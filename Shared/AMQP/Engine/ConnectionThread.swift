internal import CRabbitMQ
internal import Glibc

/// A thread of its own for work that waits in C calls, so that it never takes a thread from Swift's tasks.
enum ConnectionThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread and returns when `body` has ended there.
    static func run(named name: String, _ body: @escaping @Sendable () -> Void) async throws(AMQPError) {
        let status = await withCheckedContinuation { (continuation: CheckedContinuation<Int32, Never>) in
            let retained = Unmanaged.passRetained(
                Body {
                    martlet_name_this_thread(name)
                    body()
                    continuation.resume(returning: 0)
                })
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, &attributes,
                { argument in
                    Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, retained.toOpaque())
            pthread_attr_destroy(&attributes)
            if status != 0 {
                retained.release()
                continuation.resume(returning: status)
            }
        }
        guard status == 0 else { throw AMQPError(.connectionRefused, "no thread could be started: \(status)") }
    }
}
