/// The command line of a service, checked against its declared settings.
///
/// Every flag is `--flag value` or `--flag=value`; the flag of a truth value may stand alone. Nothing else is allowed,
/// so that a mistyped flag never goes unnoticed.
struct CommandLineFlags: Sendable {
    /// The flags in the form `--flag=value`.
    private(set) var normalized: [String] = []
    private(set) var wantsHelp = false
    private(set) var wantsVersion = false
    private(set) var wantsMarkdown = false

    /// - Parameter arguments: Without the executable's name.
    init(_ arguments: [String], declarations: [SettingDeclaration]) throws(SettingsError) {
        var known: [String: SettingDeclaration] = [:]
        for declaration in declarations {
            let name = SettingName(declaration.key)
            known[name.flag] = declaration
            if declaration.isSecret { known[name.file.flag] = declaration }
        }
        var problems: [String] = []
        var seen: Set<String> = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                wantsHelp = true
                continue
            case "--version":
                wantsVersion = true
                continue
            case "--print-settings-markdown":
                wantsMarkdown = true
                continue
            default: break
            }
            guard argument.hasPrefix("--") else {
                problems.append("unexpected argument '\(argument)': only flags such as --log-level are allowed")
                continue
            }
            let equals = argument.firstIndex(of: "=")
            let flag = String(argument[..<(equals ?? argument.endIndex)])
            guard let declaration = known[flag] else {
                problems.append(Self.unknown(flag, among: known.keys))
                // What follows an unknown flag is most likely its value, and would only be a second complaint.
                if equals == nil, let next = rest.first, !next.hasPrefix("--") { rest.removeFirst() }
                continue
            }
            if !seen.insert(flag).inserted { problems.append("\(flag) is given more than once") }
            if let equals {
                normalized.append("\(flag)=\(argument[argument.index(after: equals)...])")
            } else if let next = rest.first, !next.hasPrefix("--"),
                !declaration.takesBareFlag || Bool(settingText: next) != nil
            {
                rest.removeFirst()
                normalized.append("\(flag)=\(next)")
            } else if declaration.takesBareFlag {
                normalized.append("\(flag)=true")
            } else {
                problems.append("\(flag) needs a value: \(declaration.type)")
            }
        }
        if !problems.isEmpty { throw SettingsError(problems: problems) }
    }

    private static func unknown(_ flag: String, among known: some Collection<String>) -> String {
        let near = known.map { (flag: $0, distance: distance($0, flag)) }.min {
            ($0.distance, $0.flag) < ($1.distance, $1.flag)
        }
        if let near, near.distance <= max(2, flag.count / 5) {
            return "unknown flag \(flag): did you mean \(near.flag)? (--help lists every flag)"
        }
        return "unknown flag \(flag) (--help lists every flag)"
    }

    /// The Levenshtein distance.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
