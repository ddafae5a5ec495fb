import AsyncHTTPClient
public import Foundation
public import LocalStack
import NIOCore
import NIOHTTP1

/// One of Martlet's services as a child process.
public actor ServiceProcess {
    /// The service and, if there are several of it, a number: `gateway-2`.
    public nonisolated let name: String
    /// Where it serves people, such as `http://127.0.0.1:8080`; nil for services that only use the bus.
    public nonisolated let address: String?
    /// Where it serves `/healthz`, `/readyz` and `/metrics`.
    public nonisolated let operationsAddress: String
    /// What it printed.
    public nonisolated let log: URL

    private let command: ChildProcess.Command
    private var process: ChildProcess?

    init(name: String, address: String?, operationsAddress: String, command: ChildProcess.Command, log: URL) {
        self.name = name
        self.address = address
        self.operationsAddress = operationsAddress
        self.log = log
        var command = command
        command.log = log
        self.command = command
    }

    /// The process id while it runs.
    public var pid: Int32? { process.flatMap { $0.isRunning ? $0.pid : nil } }
    /// Whether the process runs (also when paused).
    public var isRunning: Bool { process?.isRunning ?? false }

    /// Starts the process; it is not ready yet. No effect if it runs.
    public func start() async throws(LocalStackError) {
        if isRunning { return }
        process = try await ChildProcess.start(command)
    }

    /// Waits until `/readyz` says that it can work.
    /// - Throws: when it ends before, or is not ready in time, with its own reason.
    public func waitUntilReady(within limit: Duration = .seconds(60)) async throws(StackError) {
        let end = ContinuousClock.now + limit
        var reason = "it does not answer"
        while ContinuousClock.now < end {
            guard let process, process.isRunning else {
                let ending = process?.ending.map { " with \($0)" } ?? ""
                throw StackError("\(name) ended\(ending) while starting; the end of \(log.path):\n\(logTail())")
            }
            switch await readiness() {
            case .ready: return
            case .notReady(let text): reason = text
            }
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else {
                throw StackError("\(name): starting was cancelled")
            }
        }
        throw StackError("\(name) was not ready within \(limit): \(reason); see \(log.path)")
    }

    /// Whether it says of itself that it can work.
    public func isReady() async -> Bool {
        if case .ready = await readiness() { true } else { false }
    }

    /// Waits until the process that runs now has ended, or the task is cancelled; nil in that case or if none runs.
    public func waitForEnd() async -> ChildProcess.Ending? { await process?.waitForEnd() }

    /// Asks it to stop (SIGTERM), and kills it after the limit.
    public func stop(within limit: Duration = .seconds(25)) async {
        await process?.stop(within: limit)
        process = nil
    }

    /// Kills it with SIGKILL.
    public func kill() async {
        await process?.kill()
        process = nil
    }

    /// Freezes it (SIGSTOP): connections stay open and nothing answers.
    public func pause() { process?.pause() }
    /// Lets it go on after ``pause()``.
    public func resume() { process?.resume() }

    private enum Response {
        case ready
        case notReady(String)
    }

    private func readiness() async -> Response {
        do {
            var request = HTTPClientRequest(url: "\(operationsAddress)/readyz")
            // Asked seldom; a connection kept open would only be in the way of the service's stop.
            request.headers.add(name: "connection", value: "close")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(3))
            let body = try await response.body.collect(upTo: 64 << 10)
            if response.status == .ok { return .ready }
            let text = String(decoding: body.readableBytesView.prefix(300), as: UTF8.self)
            return .notReady(text.replacing("\n", with: " "))
        } catch {
            return .notReady("it does not answer")
        }
    }

    private func logTail() -> String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(10).joined(separator: "\n")
    }
}
