public import MongoStore
public import ServiceKit

extension MongoConfiguration {
    /// A database configuration from a service's settings; connections carry the name of the instance.
    public init(_ settings: DatabaseSettings, runtime: ServiceRuntime) {
        self.init(
            uri: settings.uri, database: settings.name, username: settings.username, password: settings.password,
            authSource: settings.authSource,
            tls: settings.tls.map { TLS(caFile: $0.caFile, certificateKeyFile: $0.certificateKeyFile) })
        threads = settings.threads
        appName = runtime.instance
    }
}
