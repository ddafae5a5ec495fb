import ChatContracts
import Foundation
import LocalStack
import SetupCommand
import Testing

@Suite("The folder of secrets")
struct SecretsFolderTests {
    @Test func `is made once, and kept as it is from then on`() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        #expect(try secrets.generate() == 11)
        let before = try content(of: secrets.url)
        #expect(try secrets.generate() == 0)
        #expect(try content(of: secrets.url) == before)
        #expect(Set(before.filter { $0.key.hasPrefix("setup/") }.values).count == 10, "every password is another")
    }

    @Test func `lets nobody but its owner read anything`() throws {
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

    @Test func `gives every part its own secrets and no others, and mends a lost copy`() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        try secrets.generate()
        for service in ServiceAccount.allCases {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: secrets.url.appending(path: service.name).path)
            let further: Set<String> =
                switch service {
                case .gateway: ["password-public-key"]
                case .users: ["password-private-keys"]
                default: []
                }
            #expect(Set(names) == further.union(["broker-password", "database-password"]))
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

    @Test func `from before there were keys for passwords is completed, and what was in it stays`() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        try secrets.generate()
        let before = try content(of: secrets.url)
        for path in ["setup/password-private-keys", "users/password-private-keys", "gateway/password-public-key"] {
            try FileManager.default.removeItem(at: secrets.url.appending(path: path))
        }
        #expect(try secrets.generate() == 1)
        let after = try content(of: secrets.url)
        #expect(after.filter { !$0.key.contains("password-p") } == before.filter { !$0.key.contains("password-p") })
        let keys = try PasswordPrivateKeys(try #require(after["users/password-private-keys"]))
        #expect(after["gateway/password-public-key"] == keys.currentPublicKey.description)
    }

    @Test func `gets a new key for passwords before the present one, which goes on opening`() throws {
        let folder = try TemporaryFolder()
        defer { folder.delete() }
        let secrets = SecretsFolder(folder.url.appending(path: "secrets"))
        try secrets.generate()
        let old = try PasswordPublicKey(String(contentsOf: secrets.passwordPublicKeyFile, encoding: .utf8))
        #expect(try secrets.generate(withNewPasswordKey: true) == 1)
        let new = try PasswordPublicKey(String(contentsOf: secrets.passwordPublicKeyFile, encoding: .utf8))
        let keys = try PasswordPrivateKeys(String(contentsOf: secrets.passwordPrivateKeysFile, encoding: .utf8))
        #expect(new != old && keys.currentPublicKey == new)
        let binding = SignIn.passwordBinding(username: "ada")
        for key in [old, new] {
            #expect(try keys.open(try key.seal("a secret", for: binding), for: binding) == "a secret")
        }
    }

    @Test func `that was not made says how to make it`() throws {
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
