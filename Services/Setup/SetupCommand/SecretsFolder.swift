import ChatContracts
public import Foundation

/// The folder that holds every secret of one installation, each in a file of its own that only its owner can read.
///
/// Below it each part has a folder with what it needs and nothing else, so that each can be handed (mounted, copied) its
/// own folder only:
///
/// | folder | files |
/// | --- | --- |
/// | `setup` | `broker-administrator-password`, `database-administrator-password`, for each service `<service>-broker-password` and `<service>-database-password`, `operator-broker-password`, and `password-private-keys` |
/// | `broker` | `90-administrator.conf`, lines for `rabbitmq.conf` that make the administrator instead of `guest` |
/// | `database` | `key`, what the members of the replica set share |
/// | `gateway`, `users`, `messages` | `broker-password`, `database-password` |
/// | `users` | also `password-private-keys`, what it opens people's passwords with: one key a line, the first is current |
/// | `gateway` | also `password-public-key`, what it seals people's passwords with: that of the current key |
public struct SecretsFolder: Sendable {
    /// Where it is.
    public let url: URL
    /// The name of the administrator at the broker and in the database.
    public static let administrator = "administrator"

    public init(_ url: URL) {
        self.url = url
    }

    /// Makes what is missing and leaves what is there. The copies in the parts' folders are made from those in `setup`.
    ///
    /// - Parameters:
    ///   - owners: user ids by the name of the part's folder; files of parts that are not named keep the owner that runs
    ///     this.
    ///   - withNewPasswordKey: puts a new key for passwords before those that are there, and keeps those.
    /// - Returns: the number of secrets that were made.
    @discardableResult
    public func generate(
        owners: [String: Int] = [:], withNewPasswordKey: Bool = false
    ) throws(SetupError) -> Int {
        var made = 0
        func secret(_ name: String) throws(SetupError) -> String {
            if let present = try? read("setup", name) { return present }
            made += 1
            let value = Self.randomText(length: 40)
            try write(value, "setup", name, owners)
            return value
        }
        try makeFolder("setup", owners)
        let brokerPassword = try secret("broker-administrator-password")
        _ = try secret("database-administrator-password")

        try makeFolder("broker", owners)
        try write(
            "default_user = \(Self.administrator)\ndefault_pass = \(brokerPassword)\n", "broker",
            "90-administrator.conf", owners)

        try makeFolder("database", owners)
        if (try? read("database", "key")) == nil {
            made += 1
            try write(Self.randomText(length: 1000), "database", "key", owners)
        }
        for service in ServiceAccount.allCases {
            try makeFolder(service.name, owners)
            for server in ["broker", "database"] {
                try write(
                    try secret("\(service.name)-\(server)-password"), service.name, "\(server)-password", owners)
            }
        }
        _ = try secret("\(ServiceAccount.operator.name)-broker-password")
        if try makePasswordKeys(withNewKey: withNewPasswordKey, owners) { made += 1 }
        return made
    }

    /// - Returns: whether a key was made.
    private func makePasswordKeys(withNewKey: Bool, _ owners: [String: Int]) throws(SetupError) -> Bool {
        let name = Self.passwordPrivateKeys
        let present = try? read("setup", name)
        var text = present ?? PasswordPrivateKeys.randomKey()
        if withNewKey, let present { text = PasswordPrivateKeys.randomKey() + "\n" + present }
        let keys: PasswordPrivateKeys
        do throws(PasswordKeyError) {
            keys = try PasswordPrivateKeys(text)
        } catch {
            throw SetupError(
                "the secret \(url.appending(path: "setup/\(name)").path) is damaged: \(error); restore it from a copy")
        }
        if text != present { try write(text, "setup", name, owners) }
        try write(text, ServiceAccount.users.name, name, owners)
        try write(keys.currentPublicKey.description, ServiceAccount.gateway.name, "password-public-key", owners)
        return text != present
    }

    private static let passwordPrivateKeys = "password-private-keys"

    /// The file with the keys that the users service opens people's passwords with.
    public var passwordPrivateKeysFile: URL {
        url.appending(path: "\(ServiceAccount.users.name)/\(Self.passwordPrivateKeys)")
    }

    /// The file with the key that gateways seal people's passwords with.
    public var passwordPublicKeyFile: URL { url.appending(path: "\(ServiceAccount.gateway.name)/password-public-key") }

    /// The administrator's password at the broker.
    public func brokerAdministratorPassword() throws(SetupError) -> String {
        try read("setup", "broker-administrator-password")
    }

    /// The administrator's password in the database.
    public func databaseAdministratorPassword() throws(SetupError) -> String {
        try read("setup", "database-administrator-password")
    }

    /// A service's password at the broker.
    public func brokerPassword(of service: ServiceAccount) throws(SetupError) -> String {
        try read("setup", "\(service.name)-broker-password")
    }

    /// A service's password in the database.
    public func databasePassword(of service: ServiceAccount) throws(SetupError) -> String {
        try read("setup", "\(service.name)-database-password")
    }

    /// The file with what the members of the replica set share.
    public var databaseKey: URL { url.appending(path: "database/key") }

    /// The file with one of a service's two passwords.
    public func passwordFile(of service: ServiceAccount, for server: String) -> URL {
        url.appending(path: "\(service.name)/\(server)-password")
    }

    private func read(_ part: String, _ name: String) throws(SetupError) -> String {
        let file = url.appending(path: "\(part)/\(name)")
        let text: String
        do {
            text = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw SetupError(
                "the secret \(file.path) cannot be read: make it with `martlet-setup secrets --folder \(url.path)`")
        }
        guard !text.isEmpty else { throw SetupError("the secret \(file.path) is empty") }
        return text
    }

    private func makeFolder(_ part: String, _ owners: [String: Int]) throws(SetupError) {
        let folder = url.appending(path: part)
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // A mounted volume is there already, with whatever permissions the engine gave it.
            try FileManager.default.setAttributes(attributes(0o700, part, owners), ofItemAtPath: folder.path)
        } catch {
            throw SetupError("the folder \(folder.path) cannot be created", cause: error)
        }
    }

    private func write(
        _ text: String, _ part: String, _ name: String, _ owners: [String: Int]
    ) throws(SetupError) {
        let file = url.appending(path: "\(part)/\(name)")
        if (try? String(contentsOf: file, encoding: .utf8)) == text { return }
        // A new file takes the old one's place in one step, so that a crash leaves no half a secret.
        let new = url.appending(path: "\(part)/.\(name).new")
        try? FileManager.default.removeItem(at: new)
        guard
            FileManager.default.createFile(
                atPath: new.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o400])
        else { throw SetupError("the secret \(file.path) cannot be written") }
        do {
            try FileManager.default.setAttributes(attributes(0o400, part, owners), ofItemAtPath: new.path)
        } catch {
            throw SetupError("the owner of the secret \(file.path) cannot be set", cause: error)
        }
        guard unsafe rename(new.path, file.path) == 0 else {
            throw SetupError("the secret \(file.path) cannot be moved to its place")
        }
    }

    private func attributes(
        _ permissions: Int, _ part: String, _ owners: [String: Int]
    ) -> [FileAttributeKey: Any] {
        var attributes: [FileAttributeKey: Any] = [.posixPermissions: permissions]
        if let owner = owners[part] {
            attributes[.ownerAccountID] = owner
            attributes[.groupOwnerAccountID] = owner
        }
        return attributes
    }

    /// Letters and digits from the system's cryptographic generator, nearly 6 bits each.
    private static func randomText(length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
