import Foundation
import JSON
import Logging

/// The list of emoji that the page fetches when somebody first chooses or completes one.
///
/// Its form is `{"groups": [{"name": "…", "emoji": [[emoji, name, words, tones], …]}, …]}`. `words` are further words to
/// find it by, separated by spaces. `tones` is absent without skin tones, 1 if the tone stands behind the first code point
/// (in the place of a variation selector there), and otherwise the list of the five variants.
enum EmojiAsset {
    /// Its path among the public files.
    static let path = "emoji.json"

    /// Where the data is read from; nil for none.
    struct Sources: Equatable, Sendable {
        var list: String?
        var keywords: String?
    }

    static func json(_ list: EmojiList, keywords: EmojiKeywords = EmojiKeywords()) -> [UInt8] {
        var writer = JSONWriter(capacity: 200_000)
        writer.object { object in
            object.name("groups")
            object.array { groups in
                for group in list.groups {
                    groups.object { object in
                        object.name("name")
                        object.string(group.name)
                        object.name("emoji")
                        object.array { entries in
                            for entry in group.entries {
                                entries.array { write(entry, words: words(entry, keywords[entry.emoji]), to: &$0) }
                            }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    /// Reads the files and makes the asset. What is missing or cannot be used is logged, and the page does without it.
    static func make(_ sources: Sources, logger: Logger) -> [UInt8] {
        guard let list = list(sources.list, logger: logger) else { return json(EmojiList()) }
        return json(list, keywords: keywords(sources.keywords, logger: logger))
    }

    private static func list(_ path: String?, logger: Logger) -> EmojiList? {
        guard let path else { return nil }
        guard let file = FileManager.default.contents(atPath: path) else {
            logger.notice(
                """
                The page offers a small set of emoji only, because \(path) cannot be read: install the package \
                unicode-data, or name Unicode's emoji-test.txt with emoji.file
                """)
            return nil
        }
        do throws(EmojiDataError) {
            return try EmojiList([UInt8](file))
        } catch {
            logger.error(
                "The page offers a small set of emoji only, because emoji.file cannot be used",
                metadata: ["file": "\(path)", "error": "\(error)"])
            return nil
        }
    }

    private static func keywords(_ path: String?, logger: Logger) -> EmojiKeywords {
        guard let path, let file = FileManager.default.contents(atPath: path) else {
            logger.info(
                "Emoji are found by their names only; with the package unicode-cldr-core also by other words",
                metadata: ["file": "\(path ?? "none")"])
            return EmojiKeywords()
        }
        do throws(EmojiDataError) {
            return try EmojiKeywords([UInt8](file))
        } catch {
            logger.error(
                "Emoji are found by their names only, because emoji.keywordsFile cannot be used",
                metadata: ["file": "\(path)", "error": "\(error)"])
            return EmojiKeywords()
        }
    }

    /// The words that its name does not have, each once.
    private static func words(_ entry: EmojiList.Entry, _ phrases: [String]) -> String {
        func words(_ text: String) -> [Substring] { text.lowercased().split { $0 == " " || $0 == "-" || $0 == ":" } }
        var seen = Set(words(entry.name).map(String.init))
        var further: [String] = []
        for word in ([entry.subgroup] + phrases).flatMap(words) where seen.insert(String(word)).inserted {
            further.append(String(word))
        }
        return further.joined(separator: " ")
    }

    private static func write(_ entry: EmojiList.Entry, words: String, to writer: inout JSONWriter) {
        writer.string(entry.emoji)
        writer.string(entry.name)
        writer.string(words)
        guard !entry.tones.isEmpty else { return }
        if entry.tones == regularTones(of: entry.emoji) {
            writer.integer(1)
        } else {
            writer.array { tones in
                for tone in entry.tones { tones.string(tone) }
            }
        }
    }

    /// With each tone behind the first code point, as most emoji of people have it.
    private static func regularTones(of emoji: String) -> [String] {
        let scalars = Array(emoji.unicodeScalars)
        let rest = scalars.dropFirst(scalars.dropFirst().first == "\u{fe0f}" ? 2 : 1)
        return (0x1f3fb...0x1f3ff).compactMap { Unicode.Scalar($0) }.map { tone in
            String(String.UnicodeScalarView(scalars.prefix(1) + [tone] + rest))
        }
    }
}
