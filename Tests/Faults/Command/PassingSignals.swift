import FaultCluster
import UnixSignals

/// Runs this program once more in an environment of its own, and passes signals on to it.
enum PassingSignals {
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Int32 {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let run = try await PrivateEnvironment.run(arguments: arguments, environment: environment)
        let passing = Task {
            for await signal in signals { run.signal(signal.rawValue) }
        }
        defer { passing.cancel() }
        return await run.waitForEnd()
    }
}
