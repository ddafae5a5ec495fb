/// The text in which services and brokers show their metrics.
public enum PrometheusText {
    /// The values by name. Series of one metric are given each, with the values of their labels joined to the name by
    /// dots, and together under the bare name. Of histograms only count and sum are taken.
    public static func values(_ text: String) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let sample = sample(line), !sample.name.hasSuffix("_bucket") else { continue }
            values[String(sample.name), default: 0] += sample.value
            if !sample.labels.isEmpty {
                values[([String(sample.name)] + sample.labels).joined(separator: "."), default: 0] += sample.value
            }
        }
        return values
    }

    private static func sample(_ line: Substring) -> (name: Substring, labels: [String], value: Double)? {
        guard let brace = line.firstIndex(of: "{") else {
            let parts = line.split(separator: " ")
            guard parts.count >= 2, let value = Double(parts[1]) else { return nil }
            return (parts[0], [], value)
        }
        var labels: [String] = []
        var label = ""
        var isQuoted = false
        var isEscaped = false
        var position = line.index(after: brace)
        while position < line.endIndex {
            let character = line[position]
            position = line.index(after: position)
            if isEscaped {
                label.append(character)
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                if isQuoted { labels.append(label) }
                label = ""
                isQuoted.toggle()
            } else if isQuoted {
                label.append(character)
            } else if character == "}" {
                break
            }
        }
        guard let text = line[position...].split(separator: " ").first, let value = Double(text) else { return nil }
        return (line[..<brace], labels, value)
    }
}
