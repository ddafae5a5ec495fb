import Foundation
import LocalStack
import StackCommand

/// A fresh stack of its own: one process of each service unless more gateways are wanted, one broker node, a replica set with one member.
struct BenchStack: Sendable {
    let stack: Stack
    /// The first of the stack, and the others.
    let gateway: Gateway
    let others: [Gateway]
    let folder: URL
    private let temporary: TemporaryFolder?

    /// Limits of one person's use, which is all that these people share, would only measure themselves; and hashing
    /// passwords is kept cheap, because signing up is preparation and nothing that is measured here.
    private static let environment = [
        "MARTLET_LIMITS_SENDS_PER_SECOND": "1000000",
        "MARTLET_LIMITS_SEND_BURST": "1000000",
        "MARTLET_LIMITS_REQUESTS_PER_SECOND": "1000000",
        "MARTLET_LIMITS_REQUESTS_IN_FLIGHT": "1000",
        "MARTLET_LIMITS_GROUP_CHANGES_PER_MINUTE": "1000000",
        "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE": "1000000",
        "MARTLET_LIMITS_NETWORK_ATTEMPTS_PER_MINUTE": "1000000",
        "MARTLET_LIMITS_ANONYMOUS_PER_SECOND": "1000000",
        "MARTLET_HTTP_MAXIMUM_CONNECTIONS_PER_ADDRESS": "1000000",
        "MARTLET_PASSWORDS_MEMORY": "64KiB",
        "MARTLET_PASSWORDS_ITERATIONS": "1",
        "MARTLET_PASSWORDS_WAITING": "1000",
    ]

    static func start(gateways: Int = 1, _ progress: Progress) async throws -> BenchStack {
        raiseFileLimit()
        let temporary = try TemporaryFolder()
        let executables = Programs.ownFolder
        var options = Stack.Options(folder: temporary.url.appending(path: "stack"), executables: executables)
        options.signalWhenOrphaned = .kill
        options.environment = environment
        options.gateways = gateways
        // As `martlet-stack run` has it.
        options.databaseCacheSize = Stack.Options.generousDatabaseCacheSize
        let stack = try Stack(options, report: progress.say)
        try await stack.start()
        guard let address = stack.gateways.first?.address else { throw LoadError("the stack has no gateway") }
        return BenchStack(
            stack: stack, gateway: try Gateway(address),
            others: try stack.gateways.dropFirst().compactMap(\.address).map { try Gateway($0) },
            folder: options.folder, temporary: temporary)
    }

    func stop() async {
        await stack.stop()
        temporary?.delete()
    }

    /// The processes as they are now.
    func processes() async -> StackProcesses {
        var processes = StackProcesses(folder: folder)
        for service in stack.services {
            if let pid = await service.pid { processes.all.append(.init(name: service.name, pid: pid)) }
            if service.name == "messages" { processes.messages.append(service.operationsAddress) }
        }
        if let pid = await stack.broker.pid { processes.all.append(.init(name: "broker", pid: pid)) }
        if let node = stack.database.nodes.first {
            if let pid = await node.pid { processes.all.append(.init(name: "database", pid: pid)) }
            processes.database = "127.0.0.1:\(node.port)"
        }
        processes.broker = "127.0.0.1:\(stack.broker.port)"
        processes.all.append(StackProcesses.own)
        return processes
    }

    /// A gateway whose memory has nothing of what was before.
    func restartGateway() async throws {
        for gateway in stack.gateways {
            await gateway.stop()
            try await gateway.start()
            try await gateway.waitUntilReady()
        }
    }

    /// Each stream is a descriptor here and one in the gateway, which inherits the limit.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
