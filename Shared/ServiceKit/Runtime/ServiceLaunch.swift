import Logging
import MartletVersion

/// What comes before a service runs: its command line and settings, without any effect on the process.
struct ServiceLaunch {
    let name: String
    let summary: String
    let settings: [any DeclaredSetting]
    let arguments: [String]
    let environment: [String: String]

    enum Outcome {
        /// There is only something to print.
        case printed(String)
        case refused(ExitCode, problems: [String])
        case ready(SettingsReader, LogChoices)
    }

    struct LogChoices: Sendable {
        let fileDescriptor: Int32
        let form: LineLogHandler.Form
        let level: Logger.Level

        init(_ settings: SettingsReader) throws(SettingsError) {
            fileDescriptor = try settings.value(RuntimeSettings.logOutput) == .stdout ? 1 : 2
            form = try settings.value(RuntimeSettings.logFormat) == .json ? .json : .text
            level = try settings.value(RuntimeSettings.logLevel).level
        }
    }

    func prepare() -> Outcome {
        let all = settings + RuntimeSettings.all
        let declarations = all.map(\.declaration)
        let flags: CommandLineFlags
        do throws(SettingsError) {
            flags = try CommandLineFlags(arguments, declarations: declarations)
        } catch {
            return .refused(.usage, problems: error.problems)
        }
        if flags.wantsHelp { return .printed(SettingsDocument.help(service: name, summary: summary, settings: all)) }
        if flags.wantsVersion { return .printed("martlet-\(name) \(martletVersion)\n") }
        if flags.wantsMarkdown {
            // What several services share is written down once.
            let shared = Set((BusSettings.all + DatabaseSettings.all).map(\.declaration.key))
            return .printed(SettingsDocument.markdownTable(settings.filter { !shared.contains($0.declaration.key) }))
        }
        if let problem = BuildVariant.problem { return .refused(.configuration, problems: [problem]) }
        do throws(SettingsError) {
            let reader = try SettingsReader(
                service: name, declarations: declarations, flags: flags, environment: environment)
            try reader.check(all)
            return .ready(reader, try LogChoices(reader))
        } catch {
            return .refused(.configuration, problems: error.problems)
        }
    }
}
