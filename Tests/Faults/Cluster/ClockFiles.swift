import Foundation

/// The files by which the clocks of the services are set while they run. Their programs are started with `libfaketime`,
/// which adds what the file says to the time of day; clocks that only run forward are left alone, as a real step of the
/// time of day leaves them alone.
struct ClockFiles: Sendable {
    private let folder: URL
    private let library: String?

    /// - Parameter isUsed: whether the services are started with the library at all
    init(folder: URL, isUsed: Bool) throws(ClusterError) {
        self.folder = folder
        guard isUsed else {
            library = nil
            return
        }
        let candidates = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map {
            "/usr/lib/\($0)/faketime/libfaketimeMT.so.1"
        }
        guard let library = candidates.first(where: FileManager.default.fileExists) else {
            throw ClusterError("clocks cannot be set without libfaketime: install the package libfaketime")
        }
        self.library = library
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ClusterError("\(folder.path) cannot be made", cause: error)
        }
        for node in Node.services { try set(.zero, of: node) }
    }

    /// What the service's program is started with.
    func environment(of node: Node) -> [String: String] {
        guard let library else { return [:] }
        return [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file(of: node).path, "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
        ]
    }

    /// Takes effect within a second.
    func set(_ offset: Duration, of node: Node) throws(ClusterError) {
        guard library != nil else {
            throw ClusterError("the clocks cannot be set: the cluster was not started with clocks that can")
        }
        let seconds = offset.components.seconds
        do {
            // In one step, because the library may read it at any time.
            try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: file(of: node), options: .atomic)
        } catch {
            throw ClusterError("the clock of \(node) cannot be set", cause: error)
        }
    }

    private func file(of node: Node) -> URL { folder.appending(path: node.name) }
}
