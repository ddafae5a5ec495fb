/// How a service reaches the message broker.
public struct BusSettings: Sendable {
    /// The nodes of the broker; every port is filled in.
    public var hosts: [Endpoint]
    public var virtualHost: String
    public var username: String
    public var password: String
    /// Nil for a connection in the clear.
    public var tls: TLSFiles?
    public var heartbeat: Duration
    /// Broker users whose commands and queries are carried out; nil for the usual ones.
    public var askers: [String]?
    /// Broker users whose replies and events are believed; nil for the usual ones.
    public var announcers: [String]?

    public init(_ settings: SettingsReader) throws(SettingsError) {
        tls = try TLSFiles(
            settings, authority: Self.caFile, certificate: Self.certificateFile, key: Self.keyFile)
        let port = tls == nil ? 5_672 : 5_671
        hosts = try settings.value(Self.hosts).map { $0.defaulting(port: port) }
        if hosts.isEmpty { throw SettingsError("\(Self.hosts.declaration.key): at least one host is needed") }
        virtualHost = try settings.value(Self.virtualHost)
        username = try settings.value(Self.user)
        password = try settings.value(Self.password)
        heartbeat = try settings.value(Self.heartbeat)
        askers = try settings.value(Self.askers)
        announcers = try settings.value(Self.announcers)
    }

    static let hosts = Setting(
        "broker.hosts", "Nodes of the message broker; the port is 5672, or 5671 with TLS, unless given",
        default: [Endpoint(host: "127.0.0.1")])
    static let virtualHost = Setting("broker.virtualHost", "Virtual host at the broker", default: "/")
    static let user = Setting(
        "broker.user", "User name at the broker", defaultText: "the service's name", fromServiceName: { $0 })
    static let password = Setting<String>.required("broker.password", "Password at the broker", secret: true)
    static let caFile = Setting<String?>.optional(
        "broker.tls.caFile", "Certificates (PEM) that the broker's must be signed by; turns TLS on")
    static let certificateFile = Setting<String?>.optional(
        "broker.tls.certificateFile", "This service's own certificate (PEM) for the broker")
    static let keyFile = Setting<String?>.optional(
        "broker.tls.keyFile", "The private key (PEM) of that certificate")
    static let heartbeat = Setting<Duration>(
        "broker.heartbeat", "Interval of heartbeats; after two without a sign of life the connection counts as lost",
        default: .seconds(5),
        in: .seconds(1)...(.seconds(60)))

    static let askers = Setting<[String]?>.optional(
        "broker.askers", "Broker users whose commands and queries are carried out, if not gateway and operator")
    static let announcers = Setting<[String]?>.optional(
        "broker.announcers",
        "Broker users whose replies and events are believed, if not gateway, users and messages")

    /// The declarations, for the list of a service that uses the broker.
    public static let all: [any DeclaredSetting] = [
        hosts, virtualHost, user, password, caFile, certificateFile, keyFile, heartbeat, askers, announcers,
    ]
}

/// The files of a TLS client.
public struct TLSFiles: Sendable, Hashable {
    public var caFile: String
    public var certificateFile: String?
    public var keyFile: String?

    public init(caFile: String, certificateFile: String? = nil, keyFile: String? = nil) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    /// Nil if no authority is set.
    init?(
        _ settings: SettingsReader, authority: Setting<String?>, certificate: Setting<String?>, key: Setting<String?>
    ) throws(SettingsError) {
        certificateFile = try settings.value(certificate)
        keyFile = try settings.value(key)
        guard let caFile = try settings.value(authority) else {
            guard certificateFile == nil, keyFile == nil else {
                throw SettingsError(
                    "\(certificate.declaration.key) and \(key.declaration.key) do nothing without "
                        + authority.declaration.key)
            }
            return nil
        }
        self.caFile = caFile
        if (certificateFile == nil) != (keyFile == nil) {
            throw SettingsError("\(certificate.declaration.key) and \(key.declaration.key) belong together: give both")
        }
    }
}
