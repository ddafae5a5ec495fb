import ArgumentParser
import Foundation

/// Where a run keeps everything.
struct RunFolder: Sendable {
    let url: URL

    init(_ url: URL) throws {
        self.url = url
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// A run must neither mix with what an earlier one left nor delete at its end what is not its own.
    /// - Throws: `ValidationError` unless nothing is there, or an empty folder
    static func validate(new url: URL) throws {
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        guard try FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty else {
            throw ValidationError("folder: \(url.path) is not empty; name a new one, or delete it first")
        }
    }

    var history: URL { url.appending(path: "history.jsonl") }
    var final: URL { url.appending(path: "final.json") }
    var report: URL { url.appending(path: "report.txt") }
    var verdict: URL { url.appending(path: "verdict.json") }
    var progress: URL { url.appending(path: "progress.txt") }
    /// Logs, secrets and data of the cluster.
    var cluster: URL { url.appending(path: "cluster") }
}
