import Foundation
import LocalStack
import MongoStore
import TestSupport
import Testing

@Suite("A connection with TLS")
struct TLSTests {
    @Test func `is made to a server that its authority vouches for, and to no other`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let ours = try Self.certificate("ours", in: folder.url)
        let foreign = try Self.certificate("foreign", in: folder.url)
        let options = DatabaseNode.Options(arguments: [
            "--tlsMode", "preferTLS", "--tlsCertificateKeyFile", ours.pair, "--tlsCAFile", ours.certificate,
            "--tlsAllowConnectionsWithoutCertificates",
        ])
        try await withPrivateReplicaSet(nodes: 1, options: options) { replicaSet in
            var configuration = replicaSet.administratorAccess().configuration(threads: 1)
            configuration.serverSelectionTimeout = .seconds(20)
            configuration.tls = .init(caFile: ours.certificate)
            try await withStore(configuration) { database in
                try await database.collection("items").insert(numbered(1))
                #expect(try await database.collection("items").count() == 1)
            }
            configuration.tls = .init(caFile: foreign.certificate)
            configuration.serverSelectionTimeout = .seconds(1)
            try await withStore(configuration) { database in
                let error = await failure { () async throws(MongoError) in
                    try await database.collection("items").insert(numbered(2))
                }
                #expect(error?.code == .unavailable)
            }
        }
        var missing = MongoConfiguration(uri: "mongodb://127.0.0.1:1/", database: "test")
        missing.tls = .init(caFile: folder.url.appending(path: "absent.pem").path)
        missing.serverSelectionTimeout = .milliseconds(300)
        try await withStore(missing) { database in
            let error = await failure { () async throws(MongoError) in try await database.ping() }
            #expect(error?.code == .unavailable)
        }
    }

    /// A certificate of its own authority for 127.0.0.1, alone and together with its key.
    private static func certificate(_ name: String, in folder: URL) throws -> (certificate: String, pair: String) {
        let certificate = folder.appending(path: "\(name).pem")
        let key = folder.appending(path: "\(name)-key.pem")
        let pair = folder.appending(path: "\(name)-pair.pem")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out", certificate.path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl makes a certificate")
        try (Data(contentsOf: certificate) + Data(contentsOf: key)).write(to: pair)
        return (certificate.path, pair.path)
    }
}
