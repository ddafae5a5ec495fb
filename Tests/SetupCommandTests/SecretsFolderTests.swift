import Foundation
import LocalStack
import SetupCommand
import Testing

@Suite("The folder of secrets")
struct SecretsFolderTests {
    @Test("is made once, and kept as it is from then on")
    func idempotent() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        #expect(try secrets.generate() == 10)
        let before = try content(of: secrets.url)
        #expect(try secrets.generate() == 0)
        #expect(try content(of: secrets.url) == before)
        #expect(Set(before.filter { $0.key.hasPrefix("setup/") }.values).count == 9, "every password is another")
    }

    @Test("lets nobody but its owner read anything")
    func permissions() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        try secrets.generate()
        for path in try FileManager.default.subpathsOfDirectory(atPath: secrets.url.path) {
            let file = secrets.url.appending(path: path).path
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            #expect(attributes[.posixPermissions] as? Int == (isFolder ? 0o700 : 0o400), "\(path)")
        }
    }

    @Test("gives every part its own secrets and no others, and mends a lost copy")
    func copies() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        try secrets.generate()
        for service in ServiceAccount.allCases {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: secrets.url.appending(path: service.name).path)
            #expect(Set(names) == ["broker-password", "database-password"])
            let copy = secrets.passwordFile(of: service, for: "broker")
            #expect(try String(contentsOf: copy, encoding: .utf8) == secrets.brokerPassword(of: service))
            try FileManager.default.removeItem(at: copy)
        }
        #expect(try secrets.generate() == 0)
        for service in ServiceAccount.allCases {
            let copy = secrets.passwordFile(of: service, for: "broker")
            #expect(try String(contentsOf: copy, encoding: .utf8) == secrets.brokerPassword(of: service))
        }
    }

    @Test("that was not made says how to make it")
    func missing() throws {
        let error = #expect(throws: SetupError.self) {
            try SecretsFolder(URL(filePath: "/nowhere")).brokerAdministratorPassword()
        }
        #expect(error?.description.contains("martlet-setup secrets --folder /nowhere") == true)
    }

    private func content(of folder: URL) throws -> [String: String] {
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            files[path] = try? String(contentsOf: folder.appending(path: path), encoding: .utf8)
        }
        return files
    }
}
