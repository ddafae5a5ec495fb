/// One style sheet made of an entry and the sheets that it imports, in their order, without comments and indentation.
///
/// Takes `@import './base.css';` on a line of its own, for sheets in the same folder, so that relative addresses in
/// them stay right. Every other form of `@import` is an error that names its line.
enum StyleBundle {
    /// Whether a sheet is served together with everything that it imports.
    static func isEntry(_ path: String) -> Bool { path.split(separator: "/").last == "main.css" }

    static func text(entry: String, source: (String) -> [UInt8]?) throws(AssetError) -> [UInt8] {
        var text: [UInt8] = []
        try append(entry, chain: [], source: source, to: &text)
        return withoutComments(text)
    }

    private static func withoutComments(_ text: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(text.count)
        var quote: UInt8?
        var position = 0
        while position < text.count {
            let byte = text[position]
            let next = position + 1 < text.count ? text[position + 1] : nil
            if let open = quote {
                if byte == open { quote = nil }
                kept.append(byte)
                if byte == UInt8(ascii: "\\"), let next {
                    kept.append(next)
                    position += 1
                }
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                var end = position + 2
                while end + 1 < text.count, text[end] != UInt8(ascii: "*") || text[end + 1] != UInt8(ascii: "/") {
                    end += 1
                }
                position = end + 1
            } else if byte != UInt8(ascii: " ") || kept.last != UInt8(ascii: "\n") {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
                kept.append(byte)
            }
            position += 1
        }
        return kept
    }

    private static func append(
        _ file: String, chain: [String], source: (String) -> [UInt8]?, to text: inout [UInt8]
    ) throws(AssetError) {
        let lines = (source(file) ?? []).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let written = String(decoding: line, as: UTF8.self).drop { $0.isWhitespace }
            guard written.hasPrefix("@import") else {
                text.append(contentsOf: line)
                text.append(UInt8(ascii: "\n"))
                continue
            }
            func failure(_ reason: String) -> AssetError { AssetError(file: file, line: index + 1, reason: reason) }
            guard let imported = imported(by: written).flatMap({ assetPath(of: $0, in: file) }),
                imported.split(separator: "/").dropLast() == file.split(separator: "/").dropLast()
            else { throw failure("this import is not supported: write @import './file.css'; for a file beside it") }
            guard source(imported) != nil else { throw failure("there is no file \(imported)") }
            guard imported != file, !chain.contains(imported) else { throw failure("it imports itself") }
            try append(imported, chain: chain + [file], source: source, to: &text)
        }
    }

    private static func imported(by line: Substring) -> String? {
        let rest = line.dropFirst("@import".count).trimmed
        guard let quote = rest.first, quote == "'" || quote == "\"", rest.hasSuffix("\(quote);"), rest.count > 3 else {
            return nil
        }
        let address = rest.dropFirst().dropLast(2)
        return address.contains(quote) ? nil : String(address)
    }
}
