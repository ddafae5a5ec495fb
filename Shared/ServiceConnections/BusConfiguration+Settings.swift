import ChatContracts
public import MessageBus
public import ServiceKit

extension BusConfiguration {
    /// A bus configuration from a service's settings and its name. ServiceKit reads settings without knowing the bus,
    /// the bus knows no settings: this is where they meet, for every service alike.
    public init(_ settings: BusSettings, runtime: ServiceRuntime) {
        self.init(
            endpoints: settings.hosts.map { Endpoint(host: $0.host, port: $0.port ?? 5_672) },
            virtualHost: settings.virtualHost, username: settings.username, password: settings.password,
            senders: TrustedSenders(
                askers: Set(settings.askers ?? Array(BrokerAccount.askers)),
                announcers: Set(settings.announcers ?? Array(BrokerAccount.announcers))),
            tls: settings.tls.map {
                TLS(certificateAuthority: $0.caFile, certificate: $0.certificateFile, key: $0.keyFile)
            },
            service: runtime.name, instance: runtime.instance, heartbeat: settings.heartbeat)
    }
}
