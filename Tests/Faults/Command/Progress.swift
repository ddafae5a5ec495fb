import Foundation
import Synchronization

/// Lines about what happens, with the time since the beginning, on the standard output and in a file.
final class Progress: Sendable {
    private let start = ContinuousClock.now
    private let file: Mutex<FileHandle>

    init(file: URL) throws {
        try Data().write(to: file)
        self.file = Mutex(try FileHandle(forWritingTo: file))
    }

    func line(_ text: String) {
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        let time = String(format: "%3d:%02d", seconds / 60, seconds % 60)
        write("\(time)  \(text)\n")
    }

    /// Without the time.
    func text(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n") }

    private func write(_ text: String) {
        file.withLock { file in
            // Progress that cannot be shown is no reason to end a run.
            try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
            try? file.write(contentsOf: Data(text.utf8))
        }
    }
}
