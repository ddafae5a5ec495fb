import ChatContracts
import Foundation
import Glibc
import LocalStack
import MartletVersion
import TestSupport
import Testing

/// The services' programs as somebody meets them who starts them by hand.
@Suite("The programs", .timeLimit(.minutes(5)))
struct ProgramTests {
    private static let services = ["gateway", "users", "messages"]
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    @Test(arguments: services)
    func `Each documents its settings`(service: String) async throws {
        let table = try await run(service, ["--print-settings-markdown"])
        #expect(table.ending == .exited(0))
        let document = try String(contentsOf: Self.root.appending(path: "docs/settings.md"), encoding: .utf8)
        #expect(document.contains(table.output), "docs/settings.md should contain:\n\(table.output)")
    }

    @Test(arguments: services + ["setup", "stack", "load", "faults"])
    func `Each tells its version, which is the newest that CHANGELOG.md describes`(program: String) async throws {
        let printed = try await run(program, ["--version"])
        #expect(printed.ending == .exited(0))
        #expect(printed.output == "martlet-\(program) \(martletVersion)\n")
        let changes = try String(contentsOf: Self.root.appending(path: "CHANGELOG.md"), encoding: .utf8)
        let newest = changes.split(separator: "\n").first { $0.hasPrefix("## [") && !$0.hasPrefix("## [Unreleased]") }
        #expect(newest?.hasPrefix("## [\(martletVersion)]") == true, "CHANGELOG.md begins with \(newest ?? "nothing")")
    }

    @Test(arguments: services)
    func `Each tells its settings when asked for help`(service: String) async throws {
        let help = try await run(service, ["--help"])
        #expect(help.ending == .exited(0))
        #expect(help.output.hasPrefix("martlet-\(service): "))
        for flag in ["--broker-password-file", "--database-hosts", "--operations-port", "--log-level"] {
            #expect(help.output.contains(flag))
        }
    }

    @Test(arguments: services)
    func `Each refuses a flag that does not exist, in one line`(service: String) async throws {
        let refusal = try await run(service, ["--broker-host", "x"])
        #expect(refusal.ending == .exited(64))
        #expect(
            refusal.output
                == "martlet-\(service): unknown flag --broker-host: did you mean --broker-hosts? "
                + "(--help lists every flag)\n")
    }

    @Test(arguments: services)
    func `Each says what is wrong with its settings, a line for each mistake, and shows no secret`(service: String)
        async throws
    {
        let refusal = try await run(
            service, ["--broker-heartbeat=soon", "--operations-port=99999"],
            PasswordKeys.environment.merging(["MARTLET_DATABASE_PASSWORD": "hush"]) { $1 })
        #expect(refusal.ending == .exited(78))
        let lines = refusal.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.hasPrefix("martlet-\(service): ") })
        #expect(refusal.output.contains("broker.password is not set"))
        #expect(!refusal.output.contains("hush"))
    }

    @Test(arguments: services)
    func `Each lives without broker and database, and ends in order when told to`(service: String) async throws {
        let settings = ["--broker-hosts=127.0.0.1:1", "--database-hosts=127.0.0.1:1", "--log-format=json"]
        let program = try await Program(
            service, settings,
            PasswordKeys.environment.merging(["MARTLET_BROKER_PASSWORD": "hush", "MARTLET_HTTP_PORT": "0"]) { $1 })
        defer { program.delete() }
        try await eventually { try program.output.contains("health, readiness and metrics are served") }
        program.process.signal(SIGTERM)
        #expect(await program.process.waitForEnd() == .exited(0))
        let output = try program.output
        #expect(output.contains(#""message":"stopped""#))
        #expect(!output.contains(#""message":"ready""#))
        #expect(!output.contains("hush"))
        for line in output.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["service"] as? String == service, "\(line)")
        }
    }

    @Test(arguments: [("gateway", "MARTLET_PASSWORDS_PUBLIC_KEY"), ("users", "MARTLET_PASSWORDS_PRIVATE_KEYS")])
    func `Those that handle passwords do not start without their key or with a malformed one, and say what to do`(
        service: String, variable: String
    ) async throws {
        let setting = variable.hasSuffix("PUBLIC_KEY") ? "passwords.publicKey" : "passwords.privateKeys"
        let settings = ["MARTLET_BROKER_PASSWORD": "hush"]
        let without = try await run(service, [], settings)
        #expect(without.ending == .exited(78))
        #expect(without.output.contains("\(setting) is not set"))

        let malformed = try await run(service, [], settings.merging([variable: "Zm9vYmFy"]) { $1 })
        #expect(malformed.ending == .exited(78))
        #expect(malformed.output.contains("\(setting): ") && malformed.output.contains("martlet-setup secrets"))
        #expect(!malformed.output.contains("Zm9vYmFy"))

        let missing = try await run(service, [], settings.merging(["\(variable)_FILE": "/nowhere/key"]) { $1 })
        #expect(missing.ending == .exited(78))
        #expect(missing.output.contains("cannot read the file /nowhere/key"))
    }

    private func run(
        _ service: String, _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> (ending: ChildProcess.Ending?, output: String) {
        let program = try await Program(service, arguments, environment)
        defer { program.delete() }
        let ending = await program.process.waitForEnd()
        return (ending, try program.output)
    }
}

/// One run of a service's program, with what it writes.
private struct Program {
    let process: ChildProcess
    private let folder: TemporaryFolder
    private let log: URL

    init(_ service: String, _ arguments: [String], _ environment: [String: String]) async throws {
        folder = try TemporaryFolder()
        log = folder.url.appending(path: "output")
        let executables = Programs.ownFolder
        // Without this the database driver can complain in the output about what a killed process of the same id left.
        let environment = environment.merging(["MONGOC_DISABLE_SHM": "1"]) { $1 }
        process = try await ChildProcess.start(
            .init(
                executables.appending(path: "martlet-\(service)").path, arguments, environment: environment, log: log))
    }

    /// Everything on standard output and standard error so far.
    var output: String { get throws { try String(contentsOf: log, encoding: .utf8) } }

    func delete() { folder.delete() }
}
