import Configuration

/// One of the places that settings come from.
enum SettingsLayer: Sendable {
    case flags(any ConfigSnapshot)
    case environment(any ConfigSnapshot)
    case file(String, any ConfigSnapshot)

    /// The text of a setting in this place, nil if it is not there.
    func text(of name: SettingName) throws(SettingsError) -> String? {
        switch self {
        case .flags(let snapshot):
            // The provider takes commas apart, also in values that are not lists.
            guard
                case .stringArray(let parts)? = try? snapshot.value(forKey: name.configKey, type: .stringArray).value?
                    .content
            else { return nil }
            return parts.joined(separator: ",")
        case .environment(let snapshot):
            guard
                case .string(let text)? = try? snapshot.value(forKey: name.environmentConfigKey, type: .string).value?
                    .content
            else { return nil }
            return text
        case .file(_, let snapshot):
            return try fileText(of: name, in: snapshot)
        }
    }

    /// The setting as it is called in this place.
    func origin(of name: SettingName) -> String {
        switch self {
        case .flags: name.flag
        case .environment: name.environmentVariable
        case .file(let path, _): "\(name.key) in \(path)"
        }
    }

    /// A JSON file has types of its own; what counts is how the value would be written as text.
    private func fileText(of name: SettingName, in snapshot: any ConfigSnapshot) throws(SettingsError) -> String? {
        for type in [ConfigType.string, .double, .stringArray, .doubleArray] {
            let value: ConfigValue?
            do {
                value = try snapshot.value(forKey: name.configKey, type: type).value
            } catch {
                continue
            }
            guard let value else { return nil }
            switch value.content {
            case .string(let text): return text
            case .double(let number): return Int(exactly: number).map(String.init) ?? String(number)
            case .stringArray(let texts): return texts.joined(separator: ",")
            case .doubleArray(let numbers):
                return numbers.map { Int(exactly: $0).map(String.init) ?? String($0) }.joined(separator: ",")
            default: continue
            }
        }
        throw SettingsError("\(origin(of: name)): expected a string, a number, true, false or an array of them")
    }
}
