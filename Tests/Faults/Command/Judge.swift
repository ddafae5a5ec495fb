import FaultChecker
import FaultHistory
import Foundation

/// Lets the checker decide about a folder and writes down what it decided.
struct Judge: Sendable {
    let folder: RunFolder

    init(_ folder: RunFolder) { self.folder = folder }

    func judge() throws -> Verdict {
        let final =
            FileManager.default.fileExists(atPath: folder.final.path)
            ? try FinalState(contentsOf: folder.final) : nil
        let verdict = try Checker().check(
            history: HistoryReader(file: folder.history), final: final)
        try Data(TextReport(verdict).description.utf8).write(to: folder.report)
        try verdict.json().write(to: folder.verdict)
        return verdict
    }
}
