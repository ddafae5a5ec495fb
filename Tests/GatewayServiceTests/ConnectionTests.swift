import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import GatewayService

/// What a connection does that no HTTP client would ever try.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    private func withConnection(
        _ change: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @Sendable (RawConnection, Browser) async throws -> Void
    ) async throws {
        try await TestGateway(change).test(.ahc()) { browser in
            let connection = try await RawConnection.open(port: try #require(browser.client.port))
            try await body(connection, browser)
            try await connection.close()
        }
    }

    @Test func `requests that come together are answered one after the other, in their order`() async throws {
        try await withConnection { connection, _ in
            let paths = ["/", "/nowhere", "/api/v1/conversations", "/"]
            try await connection.say(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            try await eventually("four answers came") { connection.statuses.count == 4 }
            #expect(connection.statuses == ["200", "404", "401", "200"])
            #expect(!connection.isOver)
        }
    }

    @Test func `answers have a date, and one to HEAD has no body`() async throws {
        try await withConnection { connection, _ in
            try await connection.say("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("both answers came") { connection.statuses.count == 2 }
            #expect(connection.statuses == ["200", "404"])
            let head = try #require(connection.text.components(separatedBy: "\r\n\r\nHTTP/1.1 404").first)
            #expect(!head.contains("<html"))
            let line = try #require(head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("date: ") })
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
            let date = try #require(formatter.date(from: String(line.dropFirst(6))))
            #expect(abs(date.timeIntervalSinceNow) < 60)
        }
    }

    @Test(arguments: ["Connection: close\r\n", "Connection: keep-alive, close\r\n"])
    func `a client that wants no second answer gets none`(_ header: String) async throws {
        try await withConnection { connection, _ in
            let request = "GET / HTTP/1.1\r\nHost: a\r\n\(header)\r\n"
            try await connection.say(request + request)
            try await eventually("the connection has ended") { connection.isOver }
            #expect(connection.statuses == ["200"])
            #expect(connection.text.lowercased().contains("connection: close"))
        }
    }

    @Test func `half a connection still gets its answer`() async throws {
        try await withConnection { connection, _ in
            try await connection.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.finish()
            try await eventually("the connection has ended") { connection.isOver }
            #expect(connection.statuses == ["200"])
        }
    }

    @Test(arguments: [
        "GET /\r\n\r\n", "NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
    ])
    func `what is no request is refused, and the connection ends`(_ text: String) async throws {
        try await withConnection { connection, _ in
            try await connection.say(text)
            try await eventually("the connection has ended") { connection.isOver }
            #expect(connection.statuses == ["400"])
        }
    }

    @Test func `a body that is too large is refused before it has arrived`() async throws {
        try await withConnection { connection, browser in
            try await browser.register("ada")
            let length = RequestLimits.bodyBytes + 1
            try await connection.say(
                "POST /api/v1/sync HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\nCookie: martlet=\(browser.token ?? "")\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(length)\r\n\r\n{")
            try await eventually("the connection has ended") { connection.isOver }
            #expect(connection.statuses == ["413"])
        }
    }

    @Test func `an answer to HEAD never has a body, also where nothing is`() async throws {
        try await withConnection { connection, _ in
            try await connection.say(
                "HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\nHEAD /api/v1/sync HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /api/v1/conversations HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("three answers came") { connection.text.contains("not-signed-in") }
            #expect(connection.statuses == ["404", "404", "401"])
            #expect(connection.text.components(separatedBy: "\r\n\r\nHTTP/1.1 ").count == 3)
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"])
    func `another protocol is not spoken, and nothing follows the offer`(_ request: String) async throws {
        try await withConnection { connection, _ in
            try await connection.say(request)
            try await eventually("the connection has ended") { connection.isOver }
            #expect(connection.statuses == ["200"])
            #expect(connection.text.lowercased().contains("connection: close"))
        }
    }

    @Test func `a request that is being answered gets its answer whatever nonsense follows it`() async throws {
        try await withConnection { connection, _ in
            try await connection.say("GET / HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n")
            try? await connection.say("more nonsense\r\n")
            try await eventually("the connection has ended") { connection.isOver }
            #expect(connection.statuses == ["200"])
            #expect(connection.text.contains("</html>"))
        }
    }

    @Test func `who takes no answers is asked for no more requests until they are taken`() async throws {
        let gateway = try await TestGateway { $0.requestRate = Rate(perSecond: 1_000_000, burst: 1_000_000) }
        try await gateway.test(.ahc()) { browser in
            try await browser.register("ada")
            let before = gateway.chat.requestCount
            let connection = try await RawConnection.open(port: try #require(browser.client.port), receiveBuffer: 4_096)
            try await connection.read(false)
            let request =
                "GET /api/v1/conversations HTTP/1.1\r\nHost: a\r\nCookie: martlet=\(browser.token ?? "")\r\n\r\n"
            var said = 0
            var handled: Int { gateway.chat.requestCount - before }
            while handled == said {
                try #require(said < 100_000, "it goes on answering although nobody takes the answers")
                said += 20
                connection.begin(saying: String(repeating: request, count: 20))
                try? await eventually("they are answered", within: .seconds(1)) { handled == said }
            }
            #expect(!connection.isOver)
            try await connection.read(true)
            try await eventually("all are answered") { handled == said }
            try await connection.close()
        }
    }

    @Test func `a connection on which nothing happens is closed`() async throws {
        try await withConnection({ $0.idleTimeout = .seconds(2) }) { connection, _ in
            try await connection.say("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /lo")
            try await eventually("an answer came") { connection.statuses == ["200"] }
            try await eventually("the connection has ended") { connection.isOver }
        }
    }

    @Test func `what a client says after it asked for a live stream means nothing`() async throws {
        try await withConnection { connection, browser in
            try await browser.register("ada")
            try await connection.say(
                "GET /api/v1/events HTTP/1.1\r\nHost: a\r\nCookie: martlet=\(browser.token ?? "")\r\n\r\n")
            try await eventually("the stream is open") { connection.text.contains("event: alive") }
            #expect(connection.text.lowercased().contains("connection: close"))
            try await connection.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await browser.send(.delete, "/api/v1/session")
            try await eventually("the stream has ended") { connection.isOver }
            #expect(connection.statuses == ["200"])
            #expect(connection.text.hasSuffix("0\r\n\r\n"))
        }
    }
}
