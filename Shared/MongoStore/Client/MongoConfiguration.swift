/// How to reach a database, and how much of it to use at once.
public struct MongoConfiguration: Sendable {
    /// Files for TLS, both in PEM.
    public struct TLS: Sendable {
        /// The authorities to trust; nil for the system's.
        public var caFile: String?
        /// The client's certificate followed by its key.
        public var certificateKeyFile: String?

        public init(caFile: String? = nil, certificateKeyFile: String? = nil) {
            self.caFile = caFile
            self.certificateKeyFile = certificateKeyFile
        }
    }

    /// A connection string such as `mongodb://a:27017,b:27017/?replicaSet=rs0`. Options in it which this type also has
    /// are overridden. A `mongodb+srv` address makes ``MongoDatabase/init(configuration:logger:)`` wait for DNS.
    public var uri: String
    /// The database that collections are in.
    public var database: String
    public var username: String?
    public var password: String?
    /// The database that holds the user; nil for `admin`.
    public var authSource: String?
    /// Nil for a connection without TLS, unless the address asks for it.
    public var tls: TLS?
    /// How many operations run at the same time; each has a thread and a connection to each server it uses.
    public var threads = 8
    /// How many operations may wait for a thread; further ones fail with ``MongoError/Code/busy``.
    public var admission = 512
    /// How long an operation may wait for a thread before it fails with ``MongoError/Code/busy``.
    public var admissionTimeout: Duration = .seconds(5)
    /// The name that the server's logs show, at most 128 bytes.
    public var appName = "martlet"
    public var connectTimeout: Duration = .seconds(3)
    /// How long to look for a primary.
    public var serverSelectionTimeout: Duration = .seconds(3)
    /// How long one command may take on the wire. Keep it above every write concern's time limit.
    public var socketTimeout: Duration = .seconds(10)

    public init(
        uri: String, database: String, username: String? = nil, password: String? = nil, authSource: String? = nil,
        tls: TLS? = nil
    ) {
        self.uri = uri
        self.database = database
        self.username = username
        self.password = password
        self.authSource = authSource
        self.tls = tls
    }
}
