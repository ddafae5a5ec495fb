import Foundation
import FoundationNetworking
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import ServiceKit

/// What happened, in order.
private final class Journal: Sendable {
    private let entries = Mutex<[String]>([])
    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
}

/// A part that runs until it is told to stop.
private struct Part: Service {
    let name: String
    let journal: Journal
    var onStop: @Sendable () async throws -> Void = {}

    func run() async throws {
        journal.note("\(name) runs")
        try? await gracefulShutdown()
        try await onStop()
        journal.note("\(name) stops")
    }
}

private struct Failure: Error {}

private struct FailingPart: Service {
    func run() async throws { throw Failure() }
}

private struct Wrapped: Service {
    let body: @Sendable () async throws -> Void
    func run() async throws { try await body() }
}

private func runtime(_ arguments: [String] = [], journal: Journal = Journal()) throws -> ServiceRuntime {
    let settings = try SettingsReader(service: "sample", settings: RuntimeSettings.all, arguments: arguments)
    let writer = LogWriter(notice: { _ in [] }) { bytes in
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            if let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] {
                journal.note("log: \(object["message"] as? String ?? "")")
            }
        }
    }
    let logger = Logger(label: "sample") {
        LineLogHandler(label: $0, service: "sample", form: .json, level: .info, writer: writer)
    }
    return ServiceRuntime(settings: settings, logger: logger, readiness: Readiness(lifetime: .zero))
}

private func waitUntil(_ condition: () async throws -> Bool) async throws {
    let limit = ContinuousClock.now.advanced(by: .seconds(20))
    while try await !condition() {
        try #require(ContinuousClock.now < limit, "waited for 20 seconds")
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Runs the service, does `body` meanwhile, then asks it to stop; gives the exit code.
private func run(
    _ runtime: ServiceRuntime, build: @escaping @Sendable (ServiceRuntime) async throws -> [any Service],
    whileRunning body: () async throws -> Void
) async throws -> ExitCode {
    let code = Mutex<ExitCode?>(nil)
    let setCode: @Sendable (ExitCode) -> Void = { new in code.withLock { $0 = new } }
    let service = Wrapped {
        setCode(await runtime.runToTheEnd(stopsOnSignals: false, build: build))
    }
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    async let done: Void = group.run()
    try await body()
    await group.triggerGracefulShutdown()
    try await done
    return try #require(code.withLock { $0 })
}

@Suite("The runtime of a service", .timeLimit(.minutes(5)))
struct RuntimeTests {
    @Test func `Parts stop in reverse order, after readiness was turned off`() async throws {
        let journal = Journal()
        let runtime = try runtime(journal: journal)
        let code = try await run(runtime) { runtime in
            [
                Part(name: "store", journal: journal),
                Part(name: "consumer", journal: journal) {
                    journal.note(await runtime.readiness.report().isDraining ? "not ready" : "still ready")
                    try await Task.sleep(for: .milliseconds(50))
                },
            ]
        } whileRunning: {
            try await waitUntil { await runtime.readiness.report().isReady && journal.all.contains("log: ready") }
        }
        #expect(code == .success)
        let stops = journal.all.filter { !$0.hasPrefix("log:") && !$0.hasSuffix("runs") }
        #expect(stops == ["not ready", "consumer stops", "store stops"])
    }

    @Test func `Ready is announced once, and only when every check passes`() async throws {
        let journal = Journal()
        let runtime = try runtime(journal: journal)
        let isUp = Mutex(false)
        let reason: @Sendable () -> String? = { isUp.withLock { $0 } ? nil : "down" }
        _ = try await run(runtime) { runtime in
            runtime.readiness.add("broker") { reason() }
            runtime.announce("http", address: "127.0.0.1:8080")
            return [Part(name: "part", journal: journal)]
        } whileRunning: {
            try await waitUntil { journal.all.contains("part runs") && runtime.addresses["operations"] != nil }
            _ = await runtime.readiness.report()
            #expect(!journal.all.contains("log: ready"))
            isUp.withLock { $0 = true }
            try await waitUntil { journal.all.contains("log: ready") }
        }
        #expect(journal.all.filter { $0 == "log: ready" }.count == 1)
        #expect(runtime.addresses["http"] == "127.0.0.1:8080")
    }

    @Test func `The operations server really listens and says so on the port that it announces`() async throws {
        let runtime = try runtime()
        _ = try await run(runtime) { _ in
            []
        } whileRunning: {
            // Without checks it is ready before its server listens.
            try await waitUntil { runtime.addresses["operations"] != nil }
            try await waitUntil { await runtime.readiness.report().isReady }
            let address = try #require(runtime.addresses["operations"])
            let url = try #require(URL(string: "http://\(address)/readyz"))
            let (body, _) = try await URLSession.shared.data(from: url)
            #expect(String(decoding: body, as: UTF8.self).contains(#""ready":true"#))
        }
    }

    @Test func `When a part fails, the others stop in order and the exit code tells`() async throws {
        let journal = Journal()
        let runtime = try runtime(journal: journal)
        let code = await runtime.runToTheEnd(stopsOnSignals: false) { _ in
            [Part(name: "store", journal: journal), FailingPart()]
        }
        #expect(code == .failure)
        #expect(journal.all.contains("store stops"))
    }

    @Test func `A part that ends by itself is a failure, because nobody would notice that it is missing`() async throws
    {
        let runtime = try runtime()
        let code = await runtime.runToTheEnd(stopsOnSignals: false) { _ in [Wrapped {}] }
        #expect(code == .failure)
    }

    @Test func `A setting that turns out wrong while building has the exit code of wrong settings`() async throws {
        let runtime = try runtime()
        let code = await runtime.runToTheEnd(stopsOnSignals: false) { _ in throw SettingsError("no") }
        #expect(code == .configuration)
    }

    @Test func `A service can be stopped while it is still being built, and answers that it is not ready`() async throws
    {
        let runtime = try runtime()
        let code = try await run(runtime) { _ in
            try await Task.sleep(for: .seconds(600))
            return []
        } whileRunning: {
            try await waitUntil { runtime.addresses["operations"] != nil }
            #expect(await runtime.readiness.report().conditions.contains { $0.name == "start" && !$0.isReady })
        }
        #expect(code == .success)
    }

    @Test func `Work that outlasts the limit is cancelled, and the exit code tells`() async throws {
        let journal = Journal()
        let runtime = try runtime(["--shutdown-limit=1s"], journal: journal)
        let code = try await run(runtime) { _ in
            [Part(name: "slow", journal: journal) { try await Task.sleep(for: .seconds(600)) }]
        } whileRunning: {
            try await waitUntil { journal.all.contains("slow runs") }
        }
        #expect(code == .failure)
        #expect(!journal.all.contains("slow stops"))
    }

    @Test func `A part that takes its cancellation for an orderly end does not hide that the limit was passed`()
        async throws
    {
        let journal = Journal()
        let runtime = try runtime(["--shutdown-limit=1s"], journal: journal)
        let code = try await run(runtime) { _ in
            [Part(name: "slow", journal: journal) { try? await Task.sleep(for: .seconds(600)) }]
        } whileRunning: {
            try await waitUntil { journal.all.contains("slow runs") }
        }
        #expect(code == .failure)
    }

    @Test func `Instances of one service have different names`() throws {
        let first = try runtime().instance
        #expect(first.wholeMatch(of: /sample-[0-9a-f]{8}/) != nil)
        #expect(try runtime().instance != first)
    }
}
