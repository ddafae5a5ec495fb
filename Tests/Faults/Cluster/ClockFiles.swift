import Foundation

/// The files by which the clocks of the services are set while they run. Their programs are started with `libfaketime`,
/// which adds what the file says to the time of day, behind `martlet-real-timers`, which keeps it from moving timers: clocks
/// that only run forward are left alone, as a real step of the time of day leaves them alone.
struct ClockFiles: Sendable {
    private let folder: URL
    /// What is loaded into the programs, in this order; nil for nothing.
    private let libraries: String?

    /// - Parameters:
    ///   - executables: where `libmartlet-real-timers.so` is
    ///   - isUsed: whether the services are started with the libraries at all
    init(folder: URL, executables: URL, isUsed: Bool) throws(ClusterError) {
        self.folder = folder
        guard isUsed else {
            libraries = nil
            return
        }
        let candidates = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map {
            "/usr/lib/\($0)/faketime/libfaketimeMT.so.1"
        }
        guard let library = candidates.first(where: FileManager.default.fileExists) else {
            throw ClusterError("clocks cannot be set without libfaketime: install the package libfaketime")
        }
        let timers = executables.appending(path: "libmartlet-real-timers.so").path
        guard FileManager.default.fileExists(atPath: timers) else {
            throw ClusterError("clocks cannot be set without \(timers): `swift build` makes it")
        }
        libraries = "\(timers):\(library)"
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ClusterError("\(folder.path) cannot be made", cause: error)
        }
        for node in Node.services { try set(.zero, of: node) }
    }

    /// What the service's program is started with.
    func environment(of node: Node) -> [String: String] {
        guard let libraries else { return [:] }
        return [
            "LD_PRELOAD": libraries, "FAKETIME_TIMESTAMP_FILE": file(of: node).path, "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
        ]
    }

    /// Takes effect within a second.
    func set(_ offset: Duration, of node: Node) throws(ClusterError) {
        guard libraries != nil else {
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
