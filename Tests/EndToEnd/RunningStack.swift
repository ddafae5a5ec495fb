import Foundation
import LocalStack
import StackCommand
import Testing

/// Tests that share the running stack, one after the other: what one does to it would disturb the others.
@Suite("The running stack", .serialized)
enum StackTests {}

/// The whole system with real processes, two of each service: started for the first test that asks, shared by all.
enum RunningStack {
    static func start() async throws -> Stack {
        try await task.value
    }

    /// Base addresses of the gateways.
    static func gateways(of stack: Stack) -> [String] { stack.gateways.compactMap(\.address) }

    private static let task = Task.detached {
        let folder = try TemporaryFolder()
        let executables = Programs.ownFolder
        var options = Stack.Options(folder: folder.url, executables: executables)
        options.gateways = 2
        options.users = 2
        options.messages = 2
        options.signalWhenOrphaned = .kill
        // A hundred people behind one address write as fast as they can.
        options.environment = [
            "MARTLET_LIMITS_SENDS_PER_SECOND": "1000",
            "MARTLET_LIMITS_SEND_BURST": "1000",
            "MARTLET_LIMITS_REQUESTS_PER_SECOND": "1000",
            "MARTLET_LIMITS_REQUESTS_IN_FLIGHT": "1000",
            "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE": "100000",
            "MARTLET_LIMITS_NETWORK_ATTEMPTS_PER_MINUTE": "100000",
            "MARTLET_LIMITS_ANONYMOUS_PER_SECOND": "10000",
            "MARTLET_HTTP_MAXIMUM_CONNECTIONS_PER_ADDRESS": "1000000",
        ]
        let stack = try Stack(options)
        try await stack.start()
        return stack
    }
}
