import NIOPosix
import ServiceKit

/// Decides when the memory that opening many streams needed for a moment goes back to the system.
///
/// While thousands of clients come back at once, each of their requests needs several kilobytes until its stream is open.
/// The C library keeps what they free, on a busy machine as much as the streams themselves take: by itself it only gives
/// back the end of a heap, and streams that stay lie there.
struct MemoryTrimming {
    /// Streams opened since the last time, below which trimming is not worth its milliseconds.
    static let leastOpened = 500
    /// Streams opened in one second, above which the wave is not over.
    static let mostOpening = 50

    private var openedAtLastTrim = 0
    private var openedASecondAgo = 0

    /// To be called every second.
    ///
    /// - Parameter opened: Streams that were opened since the start.
    mutating func isDue(opened: Int) -> Bool {
        let opening = opened - openedASecondAgo
        openedASecondAgo = opened
        guard opening < Self.mostOpening, opened - openedAtLastTrim >= Self.leastOpened else { return false }
        openedAtLastTrim = opened
        return true
    }

    /// Gives free pages back. Takes some milliseconds, on a thread that may block.
    static func trim() async {
        _ = try? await NIOThreadPool.singleton.runIfActive { FreeMemory.giveBack() }
    }
}
