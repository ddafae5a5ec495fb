/// Where the broker is, who this process is, and how long it waits.
public struct BusConfiguration: Sendable {
    /// One node of the broker. Any of them will do; they are tried in turn.
    public struct Endpoint: Sendable, Hashable {
        public var host: String
        public var port: Int

        public init(host: String, port: Int = 5672) {
            self.host = host
            self.port = port
        }
    }

    /// Paths of PEM files. The broker's certificate and its host name are always verified.
    public struct TLS: Sendable, Hashable {
        public var certificateAuthority: String
        /// This process's own certificate, if the broker asks for one; only together with `key`.
        public var certificate: String?
        public var key: String?

        public init(certificateAuthority: String, certificate: String? = nil, key: String? = nil) {
            self.certificateAuthority = certificateAuthority
            self.certificate = certificate
            self.key = key
        }
    }

    public var endpoints: [Endpoint]
    public var virtualHost: String
    public var username: String
    public var password: String
    /// Whose messages are listened to.
    public var senders: TrustedSenders
    public var tls: TLS?
    /// The kind of process, such as `messages`; names its connections in the broker's own pages.
    public var service: String
    /// This process among all that ever run: the service's name with a random suffix. Names a gateway's queues.
    public var instance: String
    /// How often both sides show that they are alive; a peer that is silent for twice as long counts as dead.
    public var heartbeat: Duration
    public var connectTimeout: Duration
    /// As ``AMQPConfiguration/operationTimeout``.
    public var operationTimeout: Duration
    /// The random wait before connecting again: within these bounds, doubling with each failure.
    public var reconnectDelay: ClosedRange<Duration>

    /// - Parameter instance: nil for the service's name with eight random hexadecimal digits.
    public init(
        endpoints: [Endpoint], virtualHost: String = "/", username: String, password: String,
        senders: TrustedSenders = TrustedSenders(), tls: TLS? = nil, service: String, instance: String? = nil,
        heartbeat: Duration = .seconds(5),
        connectTimeout: Duration = .seconds(5), operationTimeout: Duration = .seconds(5),
        reconnectDelay: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5)
    ) {
        self.endpoints = endpoints
        self.virtualHost = virtualHost
        self.username = username
        self.password = password
        self.senders = senders
        self.tls = tls
        self.service = service
        self.instance = instance ?? Self.randomInstance(of: service)
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.operationTimeout = operationTimeout
        self.reconnectDelay = reconnectDelay
    }

    /// The service's name with a suffix that no other process has.
    public static func randomInstance(of service: String) -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return "\(service)-\(String(repeating: "0", count: 8 - digits.count))\(digits)"
    }
}
