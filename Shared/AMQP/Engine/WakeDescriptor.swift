internal import CRabbitMQ
internal import Glibc

/// Wakes a thread out of `poll`, from any thread.
final class WakeDescriptor: Sendable {
    let descriptor: Int32

    init() {
        descriptor = martlet_eventfd()
        precondition(descriptor >= 0, "no file descriptor left for an eventfd")
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        while write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }

    func clear() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }
}
