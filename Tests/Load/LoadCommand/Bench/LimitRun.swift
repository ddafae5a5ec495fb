import Foundation
import LocalStack
import SetupCommand

/// The program `martlet-limit`, on the same broker and database: what a message's path allows at this moment.
struct LimitRun: Sendable {
    var stack: StackProcesses
    /// Messages in flight; with a rate at most so many.
    var inFlight: Int
    /// Messages each second; 0 for as many as go.
    var rate = 0.0
    var lanes = 2
    var conversations: Int
    var seconds = 8.0

    func run() async throws -> LimitReport {
        guard let folder = stack.folder, let broker = stack.broker, let database = stack.database else {
            throw LoadError("the stack's broker and database are not known")
        }
        let executables = Programs.ownFolder
        let secrets = SecretsFolder(folder.appending(path: "secrets"))
        let result = folder.appending(path: "limit.json")
        let log = folder.appending(path: "limit.log")
        let password = try secrets.databaseAdministratorPassword()
        var arguments = [
            "--broker", broker, "--virtual-host", "martlet", "--user", SecretsFolder.administrator,
            "--password-file", secrets.url.appending(path: "setup/broker-administrator-password").path,
            "--database",
            "mongodb://\(SecretsFolder.administrator):\(password)@\(database)/?replicaSet=martlet&authSource=admin",
            "--in-flight", "\(inFlight)", "--rate", "\(rate)", "--lanes", "\(lanes)",
            "--conversations", "\(conversations)", "--seconds", "\(seconds)", "--json", result.path,
        ]
        for process in stack.all where process.name == "broker" || process.name == "database" {
            arguments += ["--process", "\(process.name)=\(process.pid)"]
        }
        let program = executables.appending(path: "martlet-limit")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw LoadError("\(program.path) is missing: build it with `swift build -c release`")
        }
        try? FileManager.default.removeItem(at: result)
        let child = try await ChildProcess.start(.init(program.path, arguments, log: log))
        let ending = await child.waitForEnd()
        guard ending == .exited(0), let data = try? Data(contentsOf: result) else {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw LoadError("martlet-limit failed: \(text.suffix(500))")
        }
        return try JSONDecoder().decode(LimitReport.self, from: data)
    }
}

/// What the limit program measured.
struct LimitReport: Sendable, Codable {
    struct EndToEnd: Sendable, Codable {
        var p50, p90, p99, p999, max: Double
    }

    var inFlight: Int
    var rate: Double
    var lanes: Int
    var messages: Int
    var perSecond: Double
    var endToEnd: EndToEnd
    /// Seconds, of the program itself, the broker and the database.
    var cpuPer1000: [String: Double]
}
