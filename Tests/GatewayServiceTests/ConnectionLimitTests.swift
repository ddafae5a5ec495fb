import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import TestSupport
import Testing

@testable import GatewayService

/// What connections may cost that send little or nothing.
@Suite(.timeLimit(.minutes(5))) struct ConnectionLimitTests {
    private static let page = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func withGateway(
        _ change: (inout GatewayConfiguration) -> Void, _ body: @Sendable (Int, Browser) async throws -> Void
    ) async throws {
        try await TestGateway(change).test(.ahc()) { browser in
            try await body(try #require(browser.client.port), browser)
        }
    }

    /// Sends one byte at a time until the server ends the connection, and says how long that took.
    private func trickle(_ start: String, over connection: RawConnection) async throws -> Duration {
        let begin = ContinuousClock.now
        try await connection.say(start)
        while !connection.isOver, ContinuousClock.now - begin < .seconds(60) {
            try? await connection.say("x")
            try await Task.sleep(for: .milliseconds(20))
        }
        return ContinuousClock.now - begin
    }

    @Test func `an address has a bounded number of connections, which it gets back when they end`() async throws {
        try await withGateway({
            $0.capacity = ConnectionCapacity(wanted: 1_000, perAddress: 4, descriptors: 10_000, databaseThreads: 1)
        }) { port, _ in
            var open: [RawConnection] = []
            for _ in 0..<4 {
                let connection = try await RawConnection.open(port: port)
                try await connection.say(Self.page)
                try await eventually("it is served") { connection.statuses == ["200"] }
                open.append(connection)
            }
            let fifth = try await RawConnection.open(port: port)
            try await eventually("one too many is closed") { fifth.isOver }
            #expect(fifth.text.isEmpty)
            try await open[0].close()
            try await eventually("there is room again") {
                let next = try await RawConnection.open(port: port)
                try? await next.say(Self.page)
                try await eventually("it is served or closed") { next.isOver || !next.statuses.isEmpty }
                let isServed = next.statuses == ["200"]
                if !isServed { try await next.close() }
                return isServed
            }
        }
    }

    @Test func `connections of a trusted proxy are not counted as one person's`() async throws {
        try await withGateway({
            $0.capacity = ConnectionCapacity(wanted: 1_000, perAddress: 2, descriptors: 10_000, databaseThreads: 1)
            $0.trustedProxies = [NetworkRange("127.0.0.1")!]
        }) { port, _ in
            for _ in 0..<6 {
                let connection = try await RawConnection.open(port: port)
                try await connection.say(Self.page)
                try await eventually("it is served") { connection.statuses == ["200"] }
            }
        }
    }

    @Test func `beyond all connections the next waits until one ends`() async throws {
        try await withGateway({
            $0.capacity = ConnectionCapacity(wanted: 2, perAddress: 100, descriptors: 10_000, databaseThreads: 1)
        }) { port, _ in
            var open: [RawConnection] = []
            for _ in 0..<2 {
                let connection = try await RawConnection.open(port: port)
                try await connection.say(Self.page)
                try await eventually("it is served") { connection.statuses == ["200"] }
                open.append(connection)
            }
            let waiting = try await RawConnection.open(port: port)
            try await waiting.say(Self.page)
            try await Task.sleep(for: .milliseconds(200))
            #expect(waiting.statuses.isEmpty && !waiting.isOver)
            try await open[0].close()
            try await eventually("it is served") { waiting.statuses == ["200"] }
        }
    }

    @Test func `a head that comes byte by byte has to be complete in time, on a new connection and later`() async throws
    {
        try await withGateway({ $0.requestTimeout = .seconds(2) }) { port, _ in
            let head = "GET / HTTP/1.1\r\nHost: a\r\nX: "
            let new = try await RawConnection.open(port: port)
            #expect(try await trickle(head, over: new) < .seconds(30))
            // Who goes on writing may lose what was written last to a connection that is closed.
            #expect(new.statuses == ["408"] || new.statuses.isEmpty)
            let silent = try await RawConnection.open(port: port)
            try await silent.say(head)
            try await eventually("it is given up") { silent.isOver }
            #expect(silent.statuses == ["408"])
            let used = try await RawConnection.open(port: port)
            try await used.say(Self.page)
            try await eventually("it is served") { used.statuses == ["200"] }
            #expect(try await trickle(head, over: used) < .seconds(30))
            #expect(used.statuses == ["200", "408"] || used.statuses == ["200"])
        }
    }

    @Test func `a body that comes byte by byte, or not at all, has to be complete in time`() async throws {
        try await withGateway({ $0.requestTimeout = .seconds(2) }) { port, _ in
            let head = "POST /signin HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
            let slow = try await RawConnection.open(port: port)
            #expect(try await trickle(head, over: slow) < .seconds(30))
            #expect(slow.statuses == ["408"] || slow.statuses.isEmpty)
            let silent = try await RawConnection.open(port: port)
            try await silent.say(head)
            try await eventually("it is given up") { silent.isOver }
            #expect(silent.statuses == ["408"])
        }
    }

    @Test func `a connection on which nothing comes is closed as soon, and one between requests is not`() async throws {
        try await withGateway({ $0.requestTimeout = .seconds(2) }) { port, _ in
            let used = try await RawConnection.open(port: port)
            try await used.say(Self.page)
            let silent = try await RawConnection.open(port: port)
            try await eventually("it is given up") { silent.isOver }
            #expect(silent.text.isEmpty)
            try await Task.sleep(for: .milliseconds(2_200))
            #expect(!used.isOver)
            try await used.say(Self.page)
            try await eventually("it goes on") { used.statuses == ["200", "200"] }
        }
    }

    @Test func `connections leave descriptors for everything else, and an address cannot have all`() {
        let usual = ConnectionCapacity(wanted: 20_000, perAddress: nil, descriptors: 1_048_576, databaseThreads: 8)
        #expect(usual.connections == 20_000)
        #expect(usual.perAddress == 256)
        let few = ConnectionCapacity(wanted: 20_000, perAddress: nil, descriptors: 300, databaseThreads: 8)
        #expect(few.connections == 156)
        #expect(few.perAddress == 39)
        let fewest = ConnectionCapacity(wanted: 20_000, perAddress: nil, descriptors: 64, databaseThreads: 8)
        #expect(fewest.connections == 16)
        let chosen = ConnectionCapacity(wanted: 20_000, perAddress: 15_000, descriptors: 20_000, databaseThreads: 8)
        #expect(chosen.perAddress == 15_000)
    }
}
