import Foundation

// Disks that can be filled and emptied.
extension Cluster {
    func makeDisk(of node: Node, size: Int) async throws(ClusterError) {
        let folder = ClusterLayout.disk(of: node)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ClusterError("\(folder.path) cannot be made", cause: error)
        }
        try await Tool.mount.run(["-t", "tmpfs", "-o", "size=\(size),mode=700", "tmpfs", folder.path])
        if node.kind == .database {
            do {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: "data"), withIntermediateDirectories: true)
            } catch {
                throw ClusterError("\(folder.path)/data cannot be made", cause: error)
            }
        }
    }

    /// Fills the disk of a node up to what is to be left free, in bytes.
    public nonisolated func fill(_ node: Node, leaving rest: Int = 0) async throws(ClusterError) {
        guard options.disks[node] != nil else { throw ClusterError("\(node) has no disk of its own") }
        try await unfill(node)
        // The node goes on writing, so what was free may no longer be so.
        for attempt in 1...8 {
            let size = (try freeSpace(of: node) - rest) / 4_096 * 4_096
            guard size > 0 else { return }
            do {
                try await Tool.fallocate.run(["--length", "\(size)", filling(of: node).path])
                return
            } catch {
                try await unfill(node)
                if attempt == 8 { throw error }
            }
        }
    }

    /// Empties the disk of a node of what ``fill(_:leaving:)`` put there.
    public nonisolated func unfill(_ node: Node) async throws(ClusterError) {
        let file = filling(of: node)
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        do {
            try FileManager.default.removeItem(at: file)
        } catch {
            throw ClusterError("\(file.path) cannot be removed", cause: error)
        }
    }

    /// What is free on the disk of a node, in bytes.
    public nonisolated func freeSpace(of node: Node) throws(ClusterError) -> Int {
        let folder = ClusterLayout.disk(of: node)
        do {
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder.path)
            guard let free = attributes[.systemFreeSize] as? NSNumber else {
                throw ClusterError("the size of \(folder.path) is not known")
            }
            return free.intValue
        } catch let error as ClusterError {
            throw error
        } catch {
            throw ClusterError("\(folder.path) cannot be looked at", cause: error)
        }
    }

    private nonisolated func filling(of node: Node) -> URL { ClusterLayout.disk(of: node).appending(path: "filling") }
}
