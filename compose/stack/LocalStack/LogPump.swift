import Foundation

/// Carries what a child writes from a pipe into a ``RotatingFile``, on a thread of its own, until the child and everything
/// that it started have ended.
///
/// The pipe is what makes rotation safe: the child never has the file open, so no line can go to one that was put aside.
final class LogPump: Sendable {
    /// The child's end, to be given to it and then closed.
    let input: Int32
    private let output: Int32
    private let isOver = DispatchSemaphore(value: 0)

    /// What a child may write while the disk is slow, without waiting for it.
    private static let pipeBytes: Int32 = 1 << 20
    /// `F_SETPIPE_SZ` of Linux, which the C library's headers hide here.
    private static let setPipeSize: Int32 = 1031

    /// - Throws: `.start` if this process may open nothing more.
    init() throws(LocalStackError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            throw LocalStackError(.start, "no pipe for a log: too many open files")
        }
        (output, input) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Unless the system allows less; then it stays as it is.
        _ = fcntl(input, Self.setPipeSize, Self.pipeBytes)
    }

    /// Begins to carry, after the child was started.
    func start(into log: URL, rotation: LogRotation) {
        close(input)
        let (output, isOver) = (output, isOver)
        let thread = Thread {
            var file = RotatingFile(log, rotation: rotation)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = unsafe read(output, &buffer, buffer.count)
                if count > 0 { file.write(buffer[..<count]) } else if count == 0 || errno != EINTR { break }
            }
            close(output)
            isOver.signal()
        }
        thread.name = "log"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    /// When the child could not be started.
    func abandon() {
        close(input)
        close(output)
    }

    /// Waits until everything is in the file, or something that the child started holds the pipe open for longer.
    func drain(within seconds: Int) { _ = isOver.wait(timeout: .now() + .seconds(seconds)) }
}
