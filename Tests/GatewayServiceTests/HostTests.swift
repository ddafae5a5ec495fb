import Hummingbird
import HummingbirdTesting
import NIOHTTP1
import TestSupport
import Testing

@testable import GatewayService

/// Which names of the server a request may use.
@Suite(.timeLimit(.minutes(5))) struct HostTests {
    private func statuses(_ request: String, origins: Set<String> = []) async throws -> [String] {
        try await TestGateway { $0.publicOrigins = origins }.test(.ahc()) { browser in
            let connection = try await RawConnection.open(port: try #require(browser.client.port))
            try await connection.say(request)
            try await eventually("an answer came") { !connection.statuses.isEmpty }
            defer { Task { try? await connection.close() } }
            return connection.statuses
        }
    }

    @Test(arguments: [
        "", "Host:\r\n", "Host: a\r\nHost: a\r\n", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n",
        "Host: user@a\r\n", "Host: a:99999\r\n", "Host: a:b\r\n", "Host: [::1\r\n", "Host: a, b\r\n",
    ])
    func `a request without exactly one well-formed host is refused`(_ header: String) async throws {
        #expect(try await statuses("GET / HTTP/1.1\r\n\(header)\r\n") == ["400"])
    }

    @Test func `an old request has to name a host too`() async throws {
        #expect(try await statuses("GET / HTTP/1.0\r\n\r\n") == ["400"])
        #expect(try await statuses("GET / HTTP/1.0\r\nHost: a\r\n\r\n") == ["200"])
    }

    @Test(arguments: ["a", "chat.example.org", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST", "a.:80"])
    func `any host will do where no origins are set`(_ host: String) async throws {
        #expect(try await statuses("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") == ["200"])
    }

    @Test(arguments: [
        ("chat.example.org", "200"), ("CHAT.example.org:443", "200"), ("chat.example.org.", "200"), ("[::1]", "200"),
        ("evil.example", "400"), ("chat.example.org.evil.example", "400"), ("127.0.0.1", "400"),
    ])
    func `where origins are set, only their hosts are answered`(_ host: String, _ status: String) async throws {
        let origins: Set = ["https://chat.example.org", "http://[::1]:8080"]
        #expect(try await statuses("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", origins: origins) == [status])
    }

    @Test(arguments: [
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "Content-Length: -1\r\n\r\n",
        "Content-Length: 1x\r\n\r\na",
        "Content-Length : 5\r\n\r\nabcde",
    ])
    func `nobody can disagree about where a request ends`(_ rest: String) async throws {
        let request = "POST /signin HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\n\(rest)"
        #expect(try await statuses(request) == ["400"])
    }
}
