public import Foundation

/// A folder under the system's temporary folder that is deleted when this process exits, or, if it crashed, by the
/// next process that makes one.
public struct TemporaryFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Makes the folder, readable by the owner only.
    public init() throws(LocalStackError) {
        Self.deleteAbandoned()
        let pid = ProcessInfo.processInfo.processIdentifier
        url = FileManager.default.temporaryDirectory.appending(path: "\(Self.prefix)\(pid)-\(RandomName.make())")
        try Files.makeFolder(url)
        ExitCleanup.add(folder: url.path)
    }

    /// Deletes the folder and what is in it. Called by itself at exit.
    public func delete() {
        try? FileManager.default.removeItem(at: url)
        ExitCleanup.remove(folder: url.path)
    }

    private static let prefix = "martlet-"

    private static func deleteAbandoned() {
        let parent = FileManager.default.temporaryDirectory
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let parts = name.dropFirst(prefix.count).split(separator: "-")
            guard parts.count == 2, let pid = Int32(parts[0]), kill(pid, 0) == -1, errno == ESRCH else { continue }
            try? FileManager.default.removeItem(at: parent.appending(path: name))
        }
    }
}
