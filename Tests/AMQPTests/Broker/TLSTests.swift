import AMQP
import Foundation
import LocalStack
import TestSupport
import Testing

@Suite("TLS", .timeLimit(.minutes(5)))
struct TLSTests {
    /// An authority, a server certificate for `localhost`, and an authority that signed nothing.
    private struct Certificates {
        let folder: URL

        func path(_ name: String) -> String { folder.appending(path: name).path }

        init() async throws {
            folder = FileManager.default.temporaryDirectory.appending(path: Unique.name("certificates"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("subjectAltName=DNS:localhost\n".utf8).write(to: folder.appending(path: "names"))
            for authority in ["ca", "other"] {
                try await openssl(
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(authority)",
                    "-keyout", path("\(authority).key"), "-out", path("\(authority).pem"))
            }
            try await openssl(
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", path("server.key"),
                "-out", path("server.csr"))
            try await openssl(
                "x509", "-req", "-in", path("server.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
                "-CAcreateserial", "-days", "2", "-extfile", path("names"), "-out", path("server.pem"))
        }

        private func openssl(_ arguments: String...) async throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/openssl")
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            let status = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            try #require(status == 0, "openssl \(arguments.joined(separator: " "))")
        }
    }

    @Test func `an encrypted connection works, and only with the right authority and name`() async throws {
        let certificates = try await Certificates()
        defer { try? FileManager.default.removeItem(at: certificates.folder) }
        let options = BrokerNode.Options(
            tls: .init(
                authority: certificates.path("ca.pem"), certificate: certificates.path("server.pem"),
                key: certificates.path("server.key")))
        try await withPrivateBroker(options: options) { _, access in
            let port = try #require(access.tlsPort)
            func configuration(host: String, authority: String) -> AMQPConfiguration {
                var configuration = AMQPConfiguration(access)
                configuration.endpoints = [.init(host: host, port: port)]
                configuration.tls = .init(caFile: certificates.path(authority))
                return configuration
            }
            try await withConnection(configuration(host: "localhost", authority: "ca.pem")) { connection in
                try await connection.declare([.queue(name: "q")])
                let publisher = connection.makePublisher()
                let sizes = [0, 1, 131_064, 262_128, 3_000_000]
                let outcomes = await publisher.publish(
                    contentsOf: sizes.map { .to(queue: "q", [UInt8](repeating: 5, count: $0)) })
                for outcome in outcomes { try outcome.get() }
                var large = AMQPPublication.to(queue: "q", [1])
                large.message.properties.headers["large"] = .string(String(repeating: "x", count: 200_000))
                let error = await failure { try await publisher.publish(large) }
                #expect(error?.code == .invalidArgument)
                let small = await publisher.publish(contentsOf: (0..<2000).map { _ in .to(queue: "q", [1, 2]) })
                for outcome in small { try outcome.get() }
                let reader = EventReader(connection.makeConsumer(AMQPConsumerConfiguration(queue: "q", prefetch: 300)))
                try await reader.collect(sizes.count + 2000, acknowledging: true)
                #expect(reader.deliveries.prefix(sizes.count).map(\.message.body.count) == sizes)
            }
            for wrong in [
                configuration(host: "localhost", authority: "other.pem"),
                configuration(host: "127.0.0.1", authority: "ca.pem"),
            ] {
                try await withConnection(wrong, opens: false) { connection in
                    try await eventually("the certificate is refused") {
                        if case .connecting(let error?) = connection.state {
                            error.code == .connectionRefused
                        } else {
                            false
                        }
                    }
                }
            }
        }
    }
}
