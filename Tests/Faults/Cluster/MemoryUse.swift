import Foundation

/// What the processes of the environment take.
enum MemoryUse {
    /// The proportional share of memory of all processes in the networks of the nodes, in bytes, and of the driver's.
    static func byNode() -> [Node: Int] {
        var nodes: [String: Node] = [:]
        for node in Node.all {
            if let inode = inode(of: "/run/netns/\(node.name)") { nodes["net:[\(inode)]"] = node }
        }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var use: [Node: Int] = [:]
        for process in processes where process.allSatisfy(\.isNumber) {
            guard let share = share(of: process) else { continue }
            let network = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")) ?? ""
            use[nodes[network] ?? .driver, default: 0] += share
        }
        return use
    }

    /// Everything, with what is stored on the disks that are in memory.
    static func all(disks: [Node]) -> Int {
        let stored = disks.map { node -> Int in
            let path = ClusterLayout.disk(of: node).path
            guard let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path),
                let size = attributes[.systemSize] as? NSNumber, let free = attributes[.systemFreeSize] as? NSNumber
            else { return 0 }
            return size.intValue - free.intValue
        }
        return byNode().values.reduce(0, +) + stored.reduce(0, +)
    }

    private static func inode(of path: String) -> UInt64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
    }

    private static func share(of process: String) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8) else {
            return nil
        }
        for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            return kibibytes.map { $0 * 1024 }
        }
        return nil
    }
}
