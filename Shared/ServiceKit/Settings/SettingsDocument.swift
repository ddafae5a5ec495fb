/// The texts about settings that are made from their declarations.
public enum SettingsDocument {
    /// A Markdown table of settings, in the order given.
    public static func markdownTable(_ settings: [any DeclaredSetting]) -> String {
        var lines = [
            "| setting | meaning | type | default | environment variable |",
            "| --- | --- | --- | --- | --- |",
        ]
        for declaration in settings.map(\.declaration) {
            let name = SettingName(declaration.key)
            var names = "`\(name.environmentVariable)`"
            if declaration.isSecret { names += ", or a file named by `\(name.file.environmentVariable)`" }
            var type = declaration.type
            if let allowed = declaration.allowed { type += ", \(allowed)" }
            if let unit = declaration.unit { type += " (\(unit))" }
            let cells = [
                "`\(declaration.key)`", declaration.summary + (declaration.isSecret ? " (secret)" : ""), type,
                declaration.markdownDefault, names,
            ]
            lines.append("| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What `--help` prints.
    public static func help(service: String, summary: String, settings: [any DeclaredSetting]) -> String {
        var text = """
            martlet-\(service): \(summary)

            Usage: martlet-\(service) [--setting value]...

            A setting comes from its flag, else from its environment variable, else from the JSON file that
            --config-file names, else from its default. Durations are written as 250ms, 5s or 10m, sizes as 64KiB.

            """
        for declaration in settings.map(\.declaration) {
            let name = SettingName(declaration.key)
            text += "\n  \(name.flag) <\(declaration.type)>\n      \(declaration.summary)"
            if let unit = declaration.unit { text += ", in \(unit)" }
            text += ".\n      "
            var facts = ["Environment: \(name.environmentVariable)"]
            if let allowed = declaration.allowed { facts.append("allowed: \(allowed)") }
            facts.append(declaration.helpDefault)
            text += facts.joined(separator: "; ") + ".\n"
            if declaration.isSecret {
                text +=
                    "      Secret: better given as a file, by \(name.file.flag) or \(name.file.environmentVariable).\n"
            }
        }
        text += "\n  --help\n      Prints this text.\n"
        text += "\n  --version\n      Prints the version.\n"
        return text
    }
}

extension SettingDeclaration {
    fileprivate var markdownDefault: String {
        if isRequired { return "required" }
        guard let defaultText else { return "unset" }
        if defaultText.isEmpty { return "empty" }
        return defaultText.contains(" ") ? defaultText : "`\(defaultText)`"
    }

    fileprivate var helpDefault: String {
        isRequired ? "required" : "default: \(defaultText.map { $0.isEmpty ? "empty" : $0 } ?? "unset")"
    }
}
