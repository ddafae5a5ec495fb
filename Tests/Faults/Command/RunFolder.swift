import Foundation

/// Where a run keeps everything.
struct RunFolder: Sendable {
    let url: URL

    init(_ url: URL) throws {
        self.url = url
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    var history: URL { url.appending(path: "history.jsonl") }
    var final: URL { url.appending(path: "final.json") }
    var report: URL { url.appending(path: "report.txt") }
    var verdict: URL { url.appending(path: "verdict.json") }
    var progress: URL { url.appending(path: "progress.txt") }
    /// Logs, secrets and data of the cluster.
    var cluster: URL { url.appending(path: "cluster") }
}
