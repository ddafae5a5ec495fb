import HTTPTypes

/// What a client says about the content codings that it takes (RFC 9110, section 12.5.3).
struct AcceptEncoding {
    private var weights: [String: Double] = [:]

    init(_ headers: HTTPFields) {
        for element in headers[values: .acceptEncoding].joined(separator: ",").split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false)
            let weight = Self.weight(parts.dropFirst())
            var name = parts.first?.trimmed.lowercased() ?? ""
            if name == "x-gzip" { name = "gzip" }
            weights[name] = max(weights[name] ?? 0, weight)
        }
    }

    /// Whether a body may be sent in a coding: the client names it or `*`, with a weight above zero and not below the one
    /// that it names for the body as it is. A client that says nothing gets the body as it is.
    func takes(_ coding: ContentCoding) -> Bool {
        let weight = weights[coding.rawValue] ?? weights["*"] ?? 0
        return weight > 0 && weight >= weights["identity"] ?? 0
    }

    /// The weight among the parameters of a coding; 1 if there is none, 0 if it is malformed.
    private static func weight(_ parameters: ArraySlice<Substring>) -> Double {
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0].trimmed.lowercased() == "q" else { continue }
            guard parts.count == 2, let weight = Double(parts[1].trimmed), (0...1).contains(weight) else { return 0 }
            return weight
        }
        return 1
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    var trimmed: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
