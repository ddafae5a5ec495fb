import Foundation
import LocalStack

/// The folder that a local stack keeps everything in: data, secrets, logs, and the ports that must stay the same.
struct StackFolder: Sendable {
    let url: URL

    init(_ url: URL) throws(StackError) {
        self.url = url.standardizedFileURL
        do {
            try FileManager.default.createDirectory(
                at: self.url.appending(path: "logs"), withIntermediateDirectories: true)
        } catch {
            throw StackError("the folder \(url.path) cannot be made: \(error.localizedDescription)")
        }
    }

    var secrets: URL { url.appending(path: "secrets") }
    var broker: URL { url.appending(path: "broker") }
    var database: URL { url.appending(path: "database") }
    func log(_ name: String) -> URL { url.appending(path: "logs/\(name).log") }
    var status: URL { url.appending(path: "stack.json") }

    /// The port of the database. A replica set knows its members by host and port, so it must not change while the data
    /// is kept.
    func databasePort() throws(StackError) -> Int {
        let file = url.appending(path: "database-port")
        if let text = try? String(contentsOf: file, encoding: .utf8), let port = Int(text) {
            guard FreePort.isFree(port) else {
                throw StackError(
                    """
                    port \(port), which the data in \(url.path) belongs to, is taken by another program: \
                    stop that program, or delete the folder to begin afresh
                    """)
            }
            return port
        }
        do {
            let port = try FreePort.find()
            try "\(port)".write(to: file, atomically: true, encoding: .utf8)
            return port
        } catch {
            throw StackError("no port for the database: \(error)")
        }
    }

    /// Makes this process the only one that uses the folder, until it ends, however that happens.
    func lock() throws(StackError) {
        let file = url.appending(path: "lock")
        let descriptor = unsafe open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StackError("\(file.path) cannot be written") }
        guard lockf(descriptor, F_TLOCK, 0) == 0 else {
            let owner = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            close(descriptor)
            throw StackError(
                """
                Martlet already runs from \(url.path)\(owner.isEmpty ? "" : " (process \(owner))"): \
                stop it with Ctrl-C, or give this one another --folder and --port
                """)
        }
        let text = Array("\(ProcessInfo.processInfo.processIdentifier)".utf8)
        ftruncate(descriptor, 0)
        _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress!, $0.count, 0) }
        // The descriptor stays open on purpose: the lock is gone with it.
    }
}

/// Why the stack cannot start or go on, in one line that says what to do.
public struct StackError: Error, Sendable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}
