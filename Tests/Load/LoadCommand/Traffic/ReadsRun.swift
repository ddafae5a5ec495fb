import ChatContracts
import Foundation
import NIOCore
import NIOPosix

/// What is read over and over.
enum ReadTarget: Sendable {
    /// Pages of 50 at random places of a conversation with so many messages.
    case history(ConversationID, messages: Int64, cookie: String)
    /// The first page of somebody's conversations.
    case list(cookie: String)
}

/// Reads at a fixed rate; latencies count from the moment each was to be sent at.
actor Reads {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    private struct Connection {
        var channel: (any Channel)?
        var due: Int64?
        /// The number that the page has to begin with.
        var first: Int64 = 0
        var waiting: [Int64] = []
    }

    private let gateway: Gateway
    private let target: ReadTarget
    private let rate: Double
    private var connections: [Connection]
    private var turn = 0
    private var started = 0
    private var startedAt: Int64 = 0
    private var measuredFrom: Int64 = 0
    private var stopsAt: Int64 = .max
    private var latency = LatencyRecord()
    private var done = 0
    private var bytes = 0
    private var failure: String?
    private var isClosing = false

    init(gateway: Gateway, target: ReadTarget, rate: Double, connections: Int, loop: any EventLoop) {
        self.gateway = gateway
        self.target = target
        self.rate = rate
        self.loop = loop
        self.connections = Array(repeating: Connection(), count: connections)
    }

    func connect() async throws {
        for index in connections.indices {
            connections[index].channel = try await gateway.connect(on: loop) { [unowned self] in
                ResponseHandler(.message) { answer in
                    self.assumeIsolated { $0.answered(answer, on: index) }
                } onEnd: { reason in
                    self.assumeIsolated { $0.ended(reason) }
                }
            }
        }
    }

    func start(warmup: Duration, duration: Duration) {
        startedAt = now()
        measuredFrom = startedAt + warmup.nanoseconds
        stopsAt = measuredFrom + duration.nanoseconds
        readWhatIsDue()
    }

    func finish() async throws -> ReadsReport {
        while now() < stopsAt || connections.contains(where: { $0.due != nil }) {
            if let failure { throw LoadError(failure) }
            guard now() < stopsAt + 20_000_000_000 else { throw LoadError("reads have no answers") }
            try await Task.sleep(for: .milliseconds(20))
        }
        if let failure { throw LoadError(failure) }
        return ReadsReport(
            rate: rate, reads: latency.count, latency: latency.summary, bytesPerRead: bytes / max(1, done))
    }

    func disconnect() async {
        isClosing = true
        for channel in connections.compactMap(\.channel) { try? await channel.close() }
    }

    private func readWhatIsDue() {
        while now() < stopsAt, !isClosing {
            let due = startedAt + Int64(Double(started) * 1e9 / rate)
            guard due <= now() else {
                loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(due))) { [unowned self] in
                    self.assumeIsolated { $0.readWhatIsDue() }
                }
                return
            }
            started += 1
            let index = turn
            turn = (turn + 1) % connections.count
            if connections[index].due == nil { read(due, on: index) } else { connections[index].waiting.append(due) }
        }
    }

    private func read(_ due: Int64, on index: Int) {
        connections[index].due = due
        let request: ByteBuffer
        switch target {
        case .history(let conversation, let messages, let cookie):
            let before = Int64.random(in: 51...(messages + 1))
            connections[index].first = before - 50
            request = gateway.request(
                "GET", "/api/v1/conversations/\(conversation)/messages?before=\(before)&limit=50", cookie: cookie,
                accept: "application/json")
        case .list(let cookie):
            request = gateway.request("GET", "/api/v1/conversations", cookie: cookie, accept: "application/json")
        }
        connections[index].channel?.writeAndFlush(request, promise: nil)
    }

    private func answered(_ answer: Response, on index: Int) {
        guard let due = connections[index].due else { return ended("an answer came that nobody waited for") }
        guard answer.status == 200, let first = answer.message else {
            let text = String(decoding: answer.body.prefix(200), as: UTF8.self)
            let hint = LoadError.hint(status: answer.status, setting: "MARTLET_LIMITS_REQUESTS_PER_SECOND")
            return ended("a read was answered with \(answer.status): \(text)\(hint)")
        }
        if case .history = target, first.seq != connections[index].first {
            return ended("a page begins with \(first.seq) and not with \(connections[index].first)")
        }
        let time = now()
        done += 1
        bytes += answer.bodyLength
        if due >= measuredFrom { latency.record(time - due) }
        connections[index].due = nil
        if !connections[index].waiting.isEmpty { read(connections[index].waiting.removeFirst(), on: index) }
    }

    private func ended(_ reason: String) {
        if !isClosing, failure == nil { failure = reason }
    }
}

struct ReadsReport: Sendable, Codable {
    var rate: Double
    var reads: Int
    var latency: LatencySummary
    var bytesPerRead: Int
    /// Processor time of each process for 1,000 reads.
    var cpuPer1000: [String: Double] = [:]

    var lines: [String] {
        [
            "\(reads) reads at \(rate.text(0))/s, \(bytesPerRead) bytes each", latency.line,
            "CPU seconds per 1,000: "
                + cpuPer1000.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text(3))" }.joined(separator: ", "),
        ]
    }
}

/// One run of reads.
struct ReadsRun: Sendable {
    var gateway: Gateway
    var stack: StackProcesses
    var target: ReadTarget
    var rate: Double
    var connections = 16
    var warmup: Duration = .seconds(2)
    var duration: Duration = .seconds(10)

    func run() async throws -> ReadsReport {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let reads = Reads(gateway: gateway, target: target, rate: rate, connections: connections, loop: group.next())
        do {
            try await reads.connect()
            await reads.start(warmup: warmup, duration: duration)
            try await Task.sleep(for: warmup)
            let before = stack.cpu()
            try await Task.sleep(for: duration)
            let after = stack.cpu()
            var report = try await reads.finish()
            report.cpuPer1000 = after.merging(before) { max(0, $0 - $1) / (rate * duration.seconds) * 1000 }
            await reads.disconnect()
            try await group.shutdownGracefully()
            return report
        } catch {
            await reads.disconnect()
            try? await group.shutdownGracefully()
            throw error
        }
    }
}
