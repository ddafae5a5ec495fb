import Configuration

/// The names of one setting in each of the places that it can come from.
struct SettingName: Sendable, Hashable {
    let key: String

    init(_ key: String) { self.key = key }

    /// The setting that names the file which holds a secret.
    var file: SettingName { SettingName(key + "File") }

    var components: [String] { key.split(separator: ".").map(String.init) }

    var flag: String { "--" + words(separator: "-") }
    var environmentVariable: String { "MARTLET_" + words(separator: "_").uppercased() }

    /// The key as the providers know it.
    var configKey: AbsoluteConfigKey { AbsoluteConfigKey(components) }
    var environmentConfigKey: AbsoluteConfigKey { AbsoluteConfigKey(["martlet"] + components) }

    private func words(separator: Character) -> String {
        var text = ""
        var previous: Character?
        for character in key {
            if character == "." {
                text.append(separator)
            } else {
                if character.isUppercase, let previous, previous.isLowercase { text.append(separator) }
                text += character.lowercased()
            }
            previous = character
        }
        return text
    }
}
