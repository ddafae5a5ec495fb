/// How to reach and talk to a broker.
public struct AMQPConfiguration: Sendable {
    /// One host of the broker (or of its cluster).
    public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// Name or numeric address. Under TLS it must match the broker's certificate.
        public var host: String
        /// TCP port.
        public var port: Int

        public init(host: String, port: Int = 5672) {
            self.host = host
            self.port = port
        }

        public var description: String { "\(host):\(port)" }
    }

    /// TLS 1.2 or newer, with the broker's certificate and host name always verified.
    public struct TLS: Sendable {
        /// PEM file with the authorities that may have signed the broker's certificate.
        public var caFile: String
        /// PEM file with this client's certificate chain, if the broker asks for one.
        public var certificateFile: String?
        /// PEM file with the private key of `certificateFile`.
        public var keyFile: String?

        public init(caFile: String, certificateFile: String? = nil, keyFile: String? = nil) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Hosts, tried in random order. At least one.
    public var endpoints: [Endpoint]
    public var virtualHost: String
    public var username: String
    public var password: String
    /// Shown in the broker's list of connections.
    public var connectionName: String
    public var tls: TLS?
    /// Interval of heartbeats proposed to the broker, whole seconds. A peer silent for twice the interval is lost.
    public var heartbeat: Duration = .seconds(10)
    /// Largest frame in bytes, 4,096 or more.
    public var frameMax: Int = 131_072
    /// Limit for reaching one endpoint, and again for signing in there.
    public var connectTimeout: Duration = .seconds(5)
    /// Limit for a confirm or any other answer of the broker. What is overdue ends the connection, except for a
    /// subscription, which is given up and tried again alone, and for confirms, which are given up alone if the broker has
    /// confirmed what was sent later.
    public var operationTimeout: Duration = .seconds(5)
    /// Smallest and largest bound of the random pause before a reconnect. The bound doubles with every failure.
    public var reconnectDelay: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5)
    /// Operations accepted and not yet finished: publications waiting to be written or confirmed, requests.
    public var mailboxCapacity: Int = 16_384
    /// Bytes of message bodies accepted and not yet finished. One larger message passes when nothing else waits.
    public var mailboxBytes: Int = 128 * 1024 * 1024
    /// How long the socket may refuse to take bytes before the connection is given up.
    public var sendTimeout: Duration = .seconds(5)

    public init(
        endpoints: [Endpoint], virtualHost: String = "/", username: String, password: String, connectionName: String,
        tls: TLS? = nil
    ) {
        self.endpoints = endpoints
        self.virtualHost = virtualHost
        self.username = username
        self.password = password
        self.connectionName = connectionName
        self.tls = tls
    }
}
