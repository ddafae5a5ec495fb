/// How a service reaches its own database.
public struct DatabaseSettings: Sendable {
    /// A connection string without credentials: `mongodb://host:27017/?replicaSet=martlet`.
    public var uri: String
    /// The name of the database.
    public var name: String
    public var username: String?
    public var password: String?
    /// The database that knows the user.
    public var authSource: String
    /// The authority and, in one file with its key, the service's own certificate; nil for the clear.
    public var tls: TLS?
    /// Threads that talk to the database, each with its own connection.
    public var threads: Int

    public struct TLS: Sendable, Hashable {
        public var caFile: String
        public var certificateKeyFile: String?
    }

    public init(_ settings: SettingsReader) throws(SettingsError) {
        if let uri = try settings.value(Self.uri) {
            for other in [Self.hosts as any DeclaredSetting, Self.replicaSet] where settings.isSet(other) {
                throw SettingsError("\(Self.uri.declaration.key) and \(other.declaration.key) exclude each other")
            }
            guard uri.hasPrefix("mongodb://") || uri.hasPrefix("mongodb+srv://") else {
                throw SettingsError("\(Self.uri.declaration.key): expected mongodb:// or mongodb+srv://")
            }
            let authority = uri.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
            guard !authority.contains("@") else {
                throw SettingsError(
                    "\(Self.uri.declaration.key): a user or password does not belong here: use "
                        + "\(Self.user.declaration.key) and \(Self.password.declaration.key)")
            }
            self.uri = uri
        } else {
            let hosts = try settings.value(Self.hosts).map { $0.defaulting(port: 27_017) }
            if hosts.isEmpty { throw SettingsError("\(Self.hosts.declaration.key): at least one host is needed") }
            let replicaSet = try settings.value(Self.replicaSet)
            guard !replicaSet.isEmpty, replicaSet.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
            else {
                throw SettingsError(
                    "\(Self.replicaSet.declaration.key): '\(replicaSet)' is not the name of a replica set")
            }
            uri = "mongodb://" + hosts.map(\.settingText).joined(separator: ",") + "/?replicaSet=" + replicaSet
        }
        name = try settings.value(Self.name)
        password = try settings.value(Self.password)
        username = try settings.value(Self.user) ?? (password == nil ? nil : settings.service)
        authSource = try settings.value(Self.authSource) ?? name
        if username != nil, password == nil {
            throw SettingsError("\(Self.user.declaration.key) is set but \(Self.password.declaration.key) is not")
        }
        let certificateKeyFile = try settings.value(Self.certificateKeyFile)
        tls = try settings.value(Self.caFile).map { TLS(caFile: $0, certificateKeyFile: certificateKeyFile) }
        if tls == nil, certificateKeyFile != nil {
            throw SettingsError(
                "\(Self.certificateKeyFile.declaration.key) does nothing without \(Self.caFile.declaration.key)")
        }
        threads = try settings.value(Self.threads)
    }

    static let hosts = Setting(
        "database.hosts", "Members of the replica set; the port is 27017 unless given",
        default: [Endpoint(host: "127.0.0.1")])
    static let replicaSet = Setting("database.replicaSet", "Name of the replica set", default: "martlet")
    static let uri = Setting<String?>.optional(
        "database.uri", "Connection string without credentials, instead of database.hosts and database.replicaSet")
    static let name = Setting(
        "database.name", "Name of the service's own database", defaultText: "the service's name",
        fromServiceName: { $0 })
    static let user = Setting<String?>.optional(
        "database.user", "User name at the database; the service's name if only a password is set")
    static let password = Setting<String?>.optional(
        "database.password", "Password at the database; without one there is no authentication", secret: true)
    static let authSource = Setting<String?>.optional(
        "database.authSource", "Database that knows the user; database.name unless set")
    static let caFile = Setting<String?>.optional(
        "database.tls.caFile", "Certificates (PEM) that the database's must be signed by; turns TLS on")
    static let certificateKeyFile = Setting<String?>.optional(
        "database.tls.certificateKeyFile", "This service's own certificate and private key (PEM, one file)")
    static let threads = Setting(
        "database.threads", "Requests to the database that run at the same time", default: 8, in: 1...256)

    /// The declarations, for the list of a service that has a database.
    public static let all: [any DeclaredSetting] = [
        hosts, replicaSet, uri, name, user, password, authSource, caFile, certificateKeyFile, threads,
    ]
}
