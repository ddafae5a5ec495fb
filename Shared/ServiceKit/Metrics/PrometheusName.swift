/// Names as Prometheus allows them.
enum PrometheusName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`: whatever else a label has becomes an underscore.
    static func metric(_ label: String) -> String { sanitized(label, colons: true) }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`; a leading double underscore and `le` belong to Prometheus itself.
    static func label(_ name: String) -> String {
        let name = sanitized(name, colons: false)
        return name.hasPrefix("__") || name == "le" ? "exported_" + name : name
    }

    private static func sanitized(_ text: String, colons: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case ":" where colons: result.unicodeScalars.append(scalar)
            case "0"..."9":
                if result.isEmpty { result += "_" }
                result.unicodeScalars.append(scalar)
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}

/// The label names and values of one series, sorted and in the form in which they are shown.
struct PrometheusLabels: Hashable, Sendable {
    private let pairs: String

    /// Where two names become the same, the first counts.
    init(_ dimensions: [(String, String)]) {
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            let name = PrometheusName.label(name)
            if values[name] == nil { values[name] = value }
        }
        pairs = values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(
            separator: ",")
    }

    /// `{a="1",b="2"}`, with a last label if one is given, or nothing at all.
    func text(adding last: (name: String, value: String)? = nil) -> String {
        var all = pairs
        if let last { all += (all.isEmpty ? "" : ",") + "\(last.name)=\"\(last.value)\"" }
        return all.isEmpty ? "" : "{\(all)}"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += #"\\"#
            case "\"": result += #"\""#
            case "\n": result += #"\n"#
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
