import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Metrics
import Synchronization
import Testing

@testable import ServiceKit

@Suite("Readiness")
struct ReadinessTests {
    @Test func `Ready means that every check is content`() async {
        let readiness = Readiness(lifetime: .zero)
        let isUp = Mutex(false)
        readiness.add("always") { nil }
        let reason: @Sendable () -> String? = { isUp.withLock { $0 } ? nil : "no connection" }
        readiness.add("broker") { reason() }
        let before = await readiness.report()
        #expect(!before.isReady)
        #expect(before.conditions.map(\.reason) == [nil, "no connection"])
        isUp.withLock { $0 = true }
        #expect(await readiness.report().isReady)
    }

    @Test func `A check that does not answer is a failure after the deadline, even if it ignores its cancellation`()
        async
    {
        let readiness = Readiness(deadline: .milliseconds(50), lifetime: .zero)
        let asked = Atomic<Int>(0)
        let gate = AsyncStream<Void>.makeStream()
        let gateStream = Mutex<AsyncStream<Void>?>(gate.stream)
        let ask: @Sendable () async -> String? = {
            asked.add(1, ordering: .relaxed)
            // A detached task does not hear of the cancellation of the one that waits for it.
            let stream = gateStream.withLock { $0 }
            await Task.detached { if let stream { for await _ in stream {} } }.value
            return nil
        }
        readiness.add("stuck") { await ask() }
        readiness.add("quick") { nil }
        let started = ContinuousClock.now
        let report = await readiness.report()
        #expect(report.conditions.map(\.reason) == ["no result within 50ms", nil])
        #expect(started.duration(to: .now) < .seconds(5))
        #expect(await readiness.report().conditions[0].reason == "no result within 50ms")
        #expect(asked.load(ordering: .relaxed) == 1, "a stuck check is not asked again")
        gate.continuation.finish()
        while await !readiness.report().isReady { try? await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `Checks run at the same time`() async {
        let readiness = Readiness(deadline: .seconds(10), lifetime: .zero)
        let (first, firstArrived) = AsyncStream<Void>.makeStream()
        let (second, secondArrived) = AsyncStream<Void>.makeStream()
        readiness.add("first") {
            firstArrived.finish()
            for await _ in second {}
            return nil
        }
        readiness.add("second") {
            secondArrived.finish()
            for await _ in first {}
            return nil
        }
        #expect(await readiness.report().isReady)
    }

    @Test func `An answer holds for its lifetime, and those who ask at once share one`() async {
        let readiness = Readiness(lifetime: .seconds(60))
        let asked = Atomic<Int>(0)
        let count: @Sendable () -> Void = { asked.add(1, ordering: .relaxed) }
        readiness.add("counted") {
            count()
            return nil
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = await readiness.report() } }
        }
        _ = await readiness.report()
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    @Test func `Draining does not wait for an answer that is due`() async {
        let readiness = Readiness(deadline: .seconds(600), lifetime: .zero)
        let (asked, ask) = AsyncStream<Void>.makeStream()
        readiness.add("slow") {
            ask.finish()
            try? await Task.sleep(for: .seconds(600))
            return nil
        }
        async let report = readiness.report()
        for await _ in asked {}
        readiness.beginDraining()
        #expect(await report.isDraining)
        #expect(await !report.isReady)
    }

    @Test func `Draining and starting make it not ready at once, whatever was answered a moment ago`() async {
        let readiness = Readiness(lifetime: .seconds(60))
        readiness.add("always") { nil }
        readiness.beginStarting()
        #expect(await !readiness.report().isReady)
        readiness.endStarting()
        #expect(await readiness.report().isReady)
        readiness.beginDraining()
        let report = await readiness.report()
        #expect(!report.isReady)
        #expect(report.isDraining)
    }
}

@Suite("The operations server")
struct OperationsServerTests {
    private let readiness = Readiness(lifetime: .zero)
    private let metrics = PrometheusRegistry()

    private var application: Application<RouterResponder<BasicRequestContext>> {
        let server = OperationsServer(
            service: "sample", instance: "sample-1", host: "127.0.0.1", port: 0, readiness: readiness, metrics: metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return Application(router: server.router())
    }

    private func object(_ body: ByteBuffer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any])
    }

    @Test func `It says that the process is alive even when it is not ready`() async throws {
        readiness.add("broker") { "down" }
        try await application.test(.router) { client in
            let response = try await client.execute(uri: "/healthz", method: .get)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            let answer = try object(response.body)
            #expect(answer["status"] as? String == "alive")
            #expect(answer["instance"] as? String == "sample-1")
        }
    }

    @Test func `It tells which checks fail and why`() async throws {
        readiness.add("broker") { nil }
        readiness.add("database") { "no primary" }
        try await application.test(.router) { client in
            let response = try await client.execute(uri: "/readyz", method: .get)
            #expect(response.status == .serviceUnavailable)
            let answer = try object(response.body)
            #expect(answer["ready"] as? Bool == false)
            let checks = try #require(answer["checks"] as? [[String: Any]])
            #expect(checks.map { $0["name"] as? String } == ["broker", "database"])
            #expect(checks.map { $0["ready"] as? Bool } == [true, false])
            #expect(checks[1]["reason"] as? String == "no primary")
        }
    }

    @Test func `It is ready when all checks pass, and no longer while draining`() async throws {
        readiness.add("broker") { nil }
        try await application.test(.router) { client in
            #expect(try await client.execute(uri: "/readyz", method: .get).status == .ok)
            readiness.beginDraining()
            let response = try await client.execute(uri: "/readyz", method: .get)
            #expect(response.status == .serviceUnavailable)
            #expect(try object(response.body)["draining"] as? Bool == true)
        }
    }

    @Test func `It serves metrics in the text format`() async throws {
        Counter(label: "things", factory: metrics).increment()
        try await application.test(.router) { client in
            let response = try await client.execute(uri: "/metrics", method: .get)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(String(buffer: response.body).contains("things_total 1\n"))
        }
    }
}
