import Foundation
import LocalStack

/// Programs of the system that do one thing and end, such as `ip` and `mount`.
struct Tool: Sendable {
    let program: String

    static let ip = Tool("ip", package: "iproute2")
    static let ss = Tool("ss", package: "iproute2")
    static let mount = Tool("mount", package: "mount")
    static let fallocate = Tool("fallocate", package: "util-linux")

    private let package: String

    init(_ name: String, package: String) {
        let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        program =
            folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
        self.package = package
    }

    /// Whether it is installed.
    var isInstalled: Bool { program.hasPrefix("/") }

    /// What to install if it is not.
    var missing: ClusterError { ClusterError("\(program) is missing: install the package \(package)") }

    /// Runs it and returns what it printed.
    @discardableResult
    func run(_ arguments: [String]) async throws(ClusterError) -> String {
        guard isInstalled else { throw missing }
        let output = FileManager.default.temporaryDirectory.appending(path: "tool-\(RandomName.make())")
        defer { try? FileManager.default.removeItem(at: output) }
        do {
            let child = try await ChildProcess.start(
                .init(program, arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], log: output))
            let ending = await child.waitForEnd()
            let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
            guard ending == .exited(0) else {
                await child.kill()
                let what = ([program] + arguments).joined(separator: " ")
                throw ClusterError("\(what) failed: \(text.trimmingCharacters(in: .whitespacesAndNewlines))")
            }
            return text
        } catch let error as ClusterError {
            throw error
        } catch {
            throw ClusterError("\(program) could not be run", cause: error)
        }
    }

    /// Runs the lines as its commands, one after the other, in the network of a node or in this process's.
    func run(batch lines: [String], in node: Node = .driver) async throws(ClusterError) {
        guard !lines.isEmpty else { return }
        let file = FileManager.default.temporaryDirectory.appending(path: "batch-\(RandomName.make())")
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        } catch {
            throw ClusterError("\(file.path) cannot be written", cause: error)
        }
        try await run((node == .driver ? [] : ["-n", node.name]) + ["-batch", file.path])
    }
}
