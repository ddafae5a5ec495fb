import Dispatch
import Glibc
import Synchronization

/// Takes log lines from any thread and writes them in order from a thread of its own, so that no caller waits for
/// the reader of the log.
///
/// What waits is bounded: when the reader is too slow, lines are dropped and counted, and the next line that is written
/// says how many.
public final class LogWriter: Sendable {
    private struct State {
        var lines: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        var isScheduled = false
    }

    private let state = Mutex(State())
    private let droppedTotal = Atomic<Int>(0)
    private let capacity: Int
    private let queue = DispatchQueue(label: "log")
    private let write: @Sendable ([UInt8]) -> Void
    private let notice: @Sendable (Int) -> [UInt8]

    /// What a pipe takes in one piece, so that the lines of several processes do not mix.
    private static let chunk = 4_096

    /// How long a line that is not urgent waits for others: waking a thread for each would cost more than writing it.
    private static let pause = DispatchTimeInterval.milliseconds(5)

    /// - Parameters:
    ///   - capacity: Bytes that may wait.
    ///   - notice: The line that says how many lines were dropped before it.
    ///   - write: Called on the writer's thread only, each time with one or more whole lines.
    init(
        capacity: Int = 4 << 20, notice: @escaping @Sendable (Int) -> [UInt8],
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.capacity = capacity
        self.notice = notice
        self.write = write
    }

    /// A writer to an open file: 1 for the standard output, 2 for the standard error.
    public convenience init(fileDescriptor: Int32, service: String, form: LineLogHandler.Form) {
        self.init(
            notice: { LogLine.dropped($0, service: service).bytes(form) },
            write: { Self.writeAll($0, to: fileDescriptor) })
    }

    /// Lines that were dropped since the start.
    public var droppedLines: Int { droppedTotal.load(ordering: .relaxed) }

    /// Takes one line, which ends with a line feed. Never waits.
    ///
    /// - Parameter isUrgent: whether it is to be written at once and not together with what comes in the next moment.
    func take(_ line: [UInt8], isUrgent: Bool = true) {
        let mustSchedule = state.withLock { state in
            guard state.bytes + line.count <= capacity else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            state.bytes += line.count
            defer { state.isScheduled = true }
            return !state.isScheduled || isUrgent
        }
        guard mustSchedule else { return }
        if isUrgent {
            queue.async { self.drain() }
        } else {
            queue.asyncAfter(deadline: .now() + Self.pause) { self.drain() }
        }
    }

    /// Waits until everything taken so far is written, for a second at most.
    ///
    /// Blocks the calling thread: only for the end of a process.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        _ = done.wait(timeout: .now() + .seconds(1))
    }

    private func drain() {
        while true {
            let (lines, dropped) = state.withLock { state in
                let taken = (state.lines, state.dropped)
                state.lines = []
                state.bytes = 0
                state.dropped = 0
                if taken.0.isEmpty { state.isScheduled = false }
                return taken
            }
            if dropped > 0 { droppedTotal.add(dropped, ordering: .relaxed) }
            guard !lines.isEmpty else { return }
            var chunk: [UInt8] = []
            for line in lines {
                if !chunk.isEmpty, chunk.count + line.count > Self.chunk {
                    write(chunk)
                    chunk.removeAll(keepingCapacity: true)
                }
                chunk += line
            }
            write(chunk)
            if dropped > 0 { write(notice(dropped)) }
        }
    }

    private static func writeAll(_ bytes: [UInt8], to fileDescriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(fileDescriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Another process that shares the descriptor has made it non-blocking.
                var poller = pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&poller, 1, 1_000)
            } else if errno != EINTR {
                return
            }
        }
    }
}
