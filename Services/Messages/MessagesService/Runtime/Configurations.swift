import MessageBus
import MongoStore
import ServiceKit

extension BusConfiguration {
    init(_ settings: BusSettings, runtime: ServiceRuntime) {
        self.init(
            endpoints: settings.hosts.map { Endpoint(host: $0.host, port: $0.port ?? 5672) },
            virtualHost: settings.virtualHost, username: settings.username, password: settings.password,
            tls: settings.tls.map {
                TLS(certificateAuthority: $0.caFile, certificate: $0.certificateFile, key: $0.keyFile)
            },
            service: runtime.name, instance: runtime.instance, heartbeat: settings.heartbeat)
    }
}

extension MongoConfiguration {
    init(_ settings: DatabaseSettings, runtime: ServiceRuntime) {
        self.init(
            uri: settings.uri, database: settings.name, username: settings.username, password: settings.password,
            authSource: settings.authSource,
            tls: settings.tls.map { TLS(caFile: $0.caFile, certificateKeyFile: $0.certificateKeyFile) })
        threads = settings.threads
        appName = runtime.instance
    }
}
