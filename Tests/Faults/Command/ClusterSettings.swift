import FaultCluster
import FaultHistory
import FaultInjection
import FaultWorkload
import Foundation

/// How the cluster and the people in it are set for a run.
struct ClusterSettings {
    private let run: RunOptions
    private let folder: URL

    init(_ run: RunOptions, folder: URL) {
        self.run = run
        self.folder = folder
    }

    var options: Cluster.Options {
        var options = Cluster.Options(folder: folder, executables: run.executables)
        // All virtual users come from one address and write faster than people do.
        options.environment = [
            "MARTLET_LIMITS_SENDS_PER_SECOND": "10000",
            "MARTLET_LIMITS_SEND_BURST": "10000",
            "MARTLET_LIMITS_REQUESTS_PER_SECOND": "10000",
            "MARTLET_LIMITS_REQUESTS_IN_FLIGHT": "1000",
            "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE": "100000",
            "MARTLET_LIMITS_NETWORK_ATTEMPTS_PER_MINUTE": "100000",
            "MARTLET_LIMITS_ANONYMOUS_PER_SECOND": "10000",
            "MARTLET_HTTP_MAXIMUM_CONNECTIONS_PER_ADDRESS": "1000000",
            "MARTLET_LIMITS_STREAMS_PER_USER": "2000",
            "MARTLET_LIMITS_STREAMS_PER_SESSION": "2000",
            // Two gateways that share a machine with everything else are full long before the default.
            "MARTLET_HTTP_MAXIMUM_IN_FLIGHT": "96",
        ]
        if let mistake = run.mistake {
            // Services that tell pages regularly where they are would mend what these do wrong.
            let isOfPages = WorkloadConfiguration.Mistake(rawValue: mistake) != nil
            options.environment["MARTLET_PLANTED_MISTAKE"] = isOfPages ? "no-digests" : mistake
        }
        options.canSetClocks = run.choice.contains { $0.touches == [.clocks] }
        return options
    }

    func workload(_ lines: Lines) -> WorkloadConfiguration {
        var configuration = WorkloadConfiguration(
            seed: run.seed,
            gateways: lines.addresses.map { .init(name: $0.node.name, address: $0.address) })
        configuration.sendsPerSecond = run.sendsPerSecond
        configuration.changeShare = run.changes ? 0.3 : 0
        configuration.groups = run.groups
        configuration.mistake = run.mistake.flatMap(WorkloadConfiguration.Mistake.init(rawValue:))
        if configuration.mistake != nil {
            // A page that reconnects by itself would be behind for good before the fault that has to show the mistake.
            configuration.reconnectShare = 0
            configuration.reloadShare = 0
        }
        return configuration
    }

    /// What no process and no queue may exceed.
    static let limits: Limits = {
        let mebibyte = 1_048_576.0
        var atMost = ["memory.all": 6_144 * mebibyte]
        for node in Node.services { atMost["memory.\(node)"] = 768 * mebibyte }
        for node in Node.brokers { atMost["memory.\(node)"] = 1_024 * mebibyte }
        for node in Node.databases { atMost["memory.\(node)"] = 1_536 * mebibyte }
        return Limits(atMost: atMost)
    }()
}
