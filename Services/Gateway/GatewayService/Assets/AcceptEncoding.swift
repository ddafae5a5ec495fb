import HTTPTypes

/// What a client says about the content codings that it takes (RFC 9110, section 12.5.3).
enum AcceptEncoding {
    /// Whether a body may be sent in gzip: the client names it or `*`, with a weight above zero and not below the one
    /// that it names for the body as it is. A client that says nothing gets the body as it is.
    static func takesGzip(_ headers: HTTPFields) -> Bool {
        var gzip: Double?
        var identity: Double?
        var everythingElse: Double?
        for element in headers[values: .acceptEncoding].joined(separator: ",").split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false)
            let weight = weight(parts.dropFirst())
            switch parts.first?.trimmed.lowercased() {
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, weight)
            case "identity": identity = max(identity ?? 0, weight)
            case "*": everythingElse = max(everythingElse ?? 0, weight)
            default: break
            }
        }
        let weight = gzip ?? everythingElse ?? 0
        return weight > 0 && weight >= identity ?? 0
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
