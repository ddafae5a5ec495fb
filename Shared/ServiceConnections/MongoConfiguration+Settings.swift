public import MongoStore
public import ServiceKit

extension MongoConfiguration {
    /// What a service's settings say about its database; connections carry the name of the instance.
    public init(_ settings: DatabaseSettings, runtime: ServiceRuntime) {
        self.init(
            uri: settings.uri, database: settings.name, username: settings.username, password: settings.password,
            authSource: settings.authSource,
            tls: settings.tls.map { TLS(caFile: $0.caFile, certificateKeyFile: $0.certificateKeyFile) })
        threads = settings.threads
        appName = runtime.instance
    }
}
