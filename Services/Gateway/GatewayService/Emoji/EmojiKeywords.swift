/// Words under which people look for an emoji, from CLDR's annotations of a language (`annotations/en.xml`).
struct EmojiKeywords: Equatable, Sendable {
    private var phrases: [String: [String]] = [:]

    /// No words at all.
    init() {}

    /// Reads the elements `<annotation cp="😀">face | grin</annotation>`, each on a line of its own. Those with
    /// `type="tts"` are names and left out.
    init(_ file: [UInt8]) throws(EmojiDataError) {
        for (index, line) in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = String(decoding: line, as: UTF8.self)[...].trimmed
            guard line.hasPrefix(Self.start), let quote = line.dropFirst(Self.start.count).firstIndex(of: "\"") else {
                continue
            }
            let emoji = line[line.index(line.startIndex, offsetBy: Self.start.count)..<quote]
            let rest = line[line.index(after: quote)...]
            if rest.hasPrefix(" type=") { continue }
            guard rest.hasPrefix(">"), rest.hasSuffix(Self.end) else {
                throw EmojiDataError(line: index + 1, reason: "the annotation of '\(emoji)' does not end on its line")
            }
            phrases[Self.key(emoji)] = rest.dropFirst().dropLast(Self.end.count).split(separator: "|").map {
                Self.unescaped($0.trimmed)
            }
        }
        guard !phrases.isEmpty else { throw EmojiDataError(line: nil, reason: "there is no annotation in it") }
    }

    /// What people call an emoji, in words or phrases; empty if nothing is known.
    subscript(emoji: String) -> [String] { phrases[Self.key(emoji[...])] ?? [] }

    private static let start = "<annotation cp=\""
    private static let end = "</annotation>"

    /// CLDR leaves variation selectors out.
    private static func key(_ emoji: Substring) -> String {
        String(String.UnicodeScalarView(unescaped(emoji).unicodeScalars.filter { $0 != "\u{fe0f}" }))
    }

    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        return [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
            .reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
    }
}
