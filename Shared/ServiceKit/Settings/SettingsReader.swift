import Configuration
import Foundation

/// The values of a service's settings: from its flags, else its environment, else its JSON file, else the defaults.
///
/// A value that is given but wrong is an error and never replaced by one from further down.
public struct SettingsReader: Sendable {
    /// The name of the service, such as `users`.
    public let service: String

    /// Environment variables that begin with `MARTLET_` and are no settings of this service.
    public let unknownVariables: [String]

    private let declarations: [String: SettingDeclaration]
    private let layers: [SettingsLayer]

    /// Collects the sources and reads the configuration file, if one is named.
    ///
    /// - Parameters:
    ///   - service: The name of the service.
    ///   - settings: Every setting that will be asked for.
    ///   - arguments: The command line without the executable's name.
    ///   - environment: The environment variables. An empty one counts as not given.
    /// - Throws: Unknown flags, or a file that cannot be read. The values themselves are checked when asked for, and
    ///   all at once by ``check(_:)``.
    public init(
        service: String, settings: [any DeclaredSetting], arguments: [String] = [], environment: [String: String] = [:]
    ) throws(SettingsError) {
        let declarations = settings.map(\.declaration)
        let flags = try CommandLineFlags(arguments, declarations: declarations)
        try self.init(service: service, declarations: declarations, flags: flags, environment: environment)
    }

    init(
        service: String, declarations: [SettingDeclaration], flags: CommandLineFlags, environment: [String: String]
    ) throws(SettingsError) {
        self.service = service
        var known: [String: SettingDeclaration] = [:]
        for declaration in declarations {
            precondition(
                known.updateValue(declaration, forKey: declaration.key).map { $0 == declaration } ?? true,
                "the setting \(declaration.key) is declared twice, differently")
        }
        self.declarations = known
        let names = declarations.map { SettingName($0.key) }
        let variables = Set(names.map(\.environmentVariable) + names.map(\.file.environmentVariable))
        self.unknownVariables = environment.keys.filter { $0.hasPrefix("MARTLET_") && !variables.contains($0) }.sorted()

        var layers = [
            SettingsLayer.flags(
                CommandLineArgumentsProvider(arguments: [service] + flags.normalized).snapshot()),
            SettingsLayer.environment(
                EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }).snapshot()),
        ]
        let file = SettingName(RuntimeSettings.configurationFile.declaration.key)
        if let path = try Self.text(of: file, in: layers)?.text {
            layers.append(.file(path, try Self.snapshot(ofFile: path)))
        }
        self.layers = layers
    }

    /// The value of a setting.
    ///
    /// - Precondition: The setting was among those that the reader was made with.
    /// - Throws: What is wrong with the value, naming the setting, where the value comes from and what is allowed.
    public func value<Value>(_ setting: Setting<Value>) throws(SettingsError) -> Value {
        let declaration = setting.declaration
        precondition(
            declarations[declaration.key] != nil,
            "the setting \(declaration.key) is read but not declared to the service")
        let name = SettingName(declaration.key)
        let found =
            if declaration.isSecret {
                try secretText(of: name)
            } else {
                try Self.text(of: name, in: layers)
            }
        guard let found else {
            switch setting.fallback {
            case .value(let value): return value
            case .service(let make): return make(service)
            case .none:
                throw SettingsError(
                    "\(declaration.key) is not set: give \(name.flag) or \(name.environmentVariable)"
                        + (declaration.isSecret ? ", or \(name.file.flag)" : "") + " (\(declaration.summary))")
            }
        }
        guard let value = setting.parse(found.text) else {
            let shown = declaration.isSecret ? "the value" : "'\(found.text)'"
            throw SettingsError("\(found.origin): \(shown) is not allowed: expected \(declaration.expectation)")
        }
        return value
    }

    /// Whether any source gives a value for the setting.
    public func isSet(_ setting: some DeclaredSetting) -> Bool {
        let name = SettingName(setting.declaration.key)
        return layers.contains { layer in
            (try? layer.text(of: name)) != nil
                || setting.declaration.isSecret && (try? layer.text(of: name.file)) != nil
        }
    }

    /// Reads every setting once and throws all mistakes together.
    public func check(_ settings: [any DeclaredSetting]) throws(SettingsError) {
        var problems: [String] = []
        for setting in settings {
            do throws(SettingsError) {
                try setting.check(in: self)
            } catch {
                problems += error.problems
            }
        }
        if !problems.isEmpty { throw SettingsError(problems: problems) }
    }

    private typealias Found = (text: String, origin: String)

    private static func text(of name: SettingName, in layers: [SettingsLayer]) throws(SettingsError) -> Found? {
        for layer in layers {
            if let text = try layer.text(of: name) { return (text, layer.origin(of: name)) }
        }
        return nil
    }

    /// A secret is looked for in each source both as itself and as the name of a file; the source that comes first wins.
    private func secretText(of name: SettingName) throws(SettingsError) -> Found? {
        for layer in layers {
            let direct = try layer.text(of: name)
            let path = try layer.text(of: name.file)
            switch (direct, path) {
            case (nil, nil): continue
            case (let text?, nil): return (text, layer.origin(of: name))
            case (nil, let path?):
                return (
                    try Self.secret(inFile: path, origin: layer.origin(of: name.file)),
                    "\(layer.origin(of: name.file)) \(path)"
                )
            case (.some, .some):
                throw SettingsError(
                    "\(layer.origin(of: name)) and \(layer.origin(of: name.file)) are both given: keep one of them")
            }
        }
        return nil
    }

    private static func secret(inFile path: String, origin: String) throws(SettingsError) -> String {
        var text = String(decoding: try contents(ofFile: path, origin: origin), as: UTF8.self)
        // Editors and `echo` end a file with a line break that is not part of the secret.
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else { throw SettingsError("\(origin): the file \(path) is empty") }
        return text
    }

    private static func snapshot(ofFile path: String) throws(SettingsError) -> any ConfigSnapshot {
        let data = [UInt8](try contents(ofFile: path, origin: "--config-file"))
        do {
            return try unsafe JSONSnapshot(data: data.span.bytes, providerName: path, parsingOptions: .default)
        } catch {
            throw SettingsError("--config-file: \(path) is not a JSON object of settings: \(error)")
        }
    }

    private static func contents(ofFile path: String, origin: String) throws(SettingsError) -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let reason =
                ((error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error).map {
                    ($0 as NSError).localizedDescription
                }
                ?? error.localizedDescription
            throw SettingsError("\(origin): cannot read the file \(path): \(reason)")
        }
    }
}

extension SettingDeclaration {
    /// What may be written, in words.
    var expectation: String {
        var text = type
        if type == Duration.settingType { text += " such as 250ms, 5s or 10m" }
        if type == ByteCount.settingType { text += " such as 64KiB or 16MiB" }
        if let allowed { text += ", \(allowed)" }
        if let unit { text += " (\(unit))" }
        return text
    }
}
