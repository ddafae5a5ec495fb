import Foundation
import LocalStack

/// The processes of a running stack, from the `stack.json` in its folder.
struct StackProcesses: Sendable {
    struct Process: Sendable {
        var name: String
        var pid: Int32
    }

    let folder: URL?
    var all: [Process] = []
    /// `host:port` of the database and of the broker.
    var database: String?
    var broker: String?
    /// Where the messages services show their metrics.
    var messages: [String] = []

    private struct Status: Decodable {
        struct Process: Decodable {
            var name: String
            var pid: Int32?
            var address: String?
            var operations: String?
        }
        var processes: [Process]
    }

    /// The tool alone.
    static let none = StackProcesses(folder: nil, all: [own])

    static let own = Process(name: "load", pid: ProcessInfo.processInfo.processIdentifier)

    init(folder: URL?, all: [Process] = []) {
        self.folder = folder
        self.all = all
    }

    /// - Parameter folder: of the stack; nil for the one that `make run` uses, if it runs
    static func find(_ folder: URL?) throws -> StackProcesses {
        guard let folder = folder ?? Programs.checkout?.appending(path: ".martlet/stack") else { return .none }
        guard let data = try? Data(contentsOf: folder.appending(path: "stack.json")) else { return .none }
        let status = try JSONDecoder().decode(Status.self, from: data)
        var stack = StackProcesses(folder: folder, all: [])
        for process in status.processes {
            guard let pid = process.pid, ProcessUse.isRunning(pid) else { continue }
            stack.all.append(Process(name: process.name, pid: pid))
            if process.name == "messages", let operations = process.operations { stack.messages.append(operations) }
            let address = process.address.flatMap { URL(string: $0) }
            if let host = address?.host(), let port = address?.port {
                if process.name == "database" { stack.database = "\(host):\(port)" }
                if process.name == "broker" { stack.broker = "\(host):\(port)" }
            }
        }
        stack.all.append(own)
        return stack
    }

    /// Seconds of processor time by process.
    func cpu() -> [String: Double] {
        Dictionary(all.map { ($0.name, ProcessUse.cpu(of: $0.pid, apart: pids)) }, uniquingKeysWith: +)
    }

    /// Bytes by process.
    func memory() -> [String: Int64] {
        Dictionary(all.map { ($0.name, ProcessUse.memory(of: $0.pid, apart: pids)) }, uniquingKeysWith: +)
    }

    /// With `bench` the servers are children of the tool, and must not count as the tool.
    private var pids: Set<Int32> { Set(all.map(\.pid)) }
}
