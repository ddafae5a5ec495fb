import ChatContracts

/// The emoji that people choose from, in the groups and the order of Unicode's file `emoji-test.txt`.
struct EmojiList: Equatable, Sendable {
    struct Group: Equatable, Sendable {
        var name: String
        var entries: [Entry] = []
    }

    struct Entry: Equatable, Sendable {
        var emoji: String
        /// As Unicode calls it, such as `grinning face`.
        var name: String
        /// The finer group, such as `face-smiling`.
        var subgroup: String
        /// The same in the five skin tones, from light to dark, where there are any; else empty.
        var tones: [String] = []
    }

    private(set) var groups: [Group] = []

    /// No emoji at all.
    init() {}

    /// Reads a file in the form of `emoji-test.txt`: lines `1F600 ; fully-qualified # 😀 E1.0 grinning face` under comments
    /// `# group: …` and `# subgroup: …`. Only fully qualified emoji count, only such as a reaction may be, and combinations
    /// of several skin tones are left out.
    ///
    /// - Throws: if a line is malformed, or no emoji is left.
    init(_ file: [UInt8]) throws(EmojiDataError) {
        var reader = EmojiTestReader()
        for (index, line) in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            do throws(EmojiTestReader.Failure) {
                try reader.read(String(decoding: line, as: UTF8.self))
            } catch {
                throw EmojiDataError(line: index + 1, reason: error.reason)
            }
        }
        groups = reader.finished
        guard !groups.isEmpty else { throw EmojiDataError(line: nil, reason: "there is no emoji in it") }
    }
}

/// Reads `emoji-test.txt` line by line.
private struct EmojiTestReader {
    struct Failure: Error { var reason: String }

    private struct Place {
        var group: Int
        var entry: Int
        /// By tone; nil until its line was read.
        var tones: [String?] = Array(repeating: nil, count: 5)
    }

    private static let statuses: Set<Substring> = [
        "component", "fully-qualified", "minimally-qualified", "unqualified",
    ]
    private static let toneScalars: ClosedRange<UInt32> = 0x1f3fb...0x1f3ff
    private static let variation: UInt32 = 0xfe0f

    private var groups: [EmojiList.Group] = []
    private var subgroup = ""
    /// Where an emoji stands, by its code points without tones and variation selectors.
    private var places: [[UInt32]: Place] = [:]

    var finished: [EmojiList.Group] {
        var groups = groups
        for place in places.values {
            let tones = place.tones.compactMap { $0 }
            if tones.count == place.tones.count { groups[place.group].entries[place.entry].tones = tones }
        }
        return groups.filter { !$0.entries.isEmpty }
    }

    mutating func read(_ line: String) throws(Failure) {
        let line = line[...].trimmed
        if line.hasPrefix("# group:") {
            groups.append(EmojiList.Group(name: String(line.dropFirst("# group:".count).trimmed)))
        } else if line.hasPrefix("# subgroup:") {
            subgroup = String(line.dropFirst("# subgroup:".count).trimmed)
        } else if !line.isEmpty, !line.hasPrefix("#") {
            try readEmoji(line)
        }
    }

    private mutating func readEmoji(_ line: Substring) throws(Failure) {
        let parts = line.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Failure(reason: "there is no semicolon behind the code points") }
        // The comment may hold a # of its own, so only the first one counts.
        let rest = parts[1].split(separator: "#", maxSplits: 1)
        let status = rest.first?.trimmed ?? ""
        guard Self.statuses.contains(status) else { throw Failure(reason: "'\(status)' is not a status of an emoji") }
        let scalars = try Self.scalars(parts[0])
        guard status == "fully-qualified" else { return }
        guard !groups.isEmpty else { throw Failure(reason: "an emoji stands before the first group") }
        let comment = (rest.count == 2 ? rest[1].trimmed : "").split(separator: " ", maxSplits: 2)
        guard comment.count == 3, comment[1].hasPrefix("E") else {
            throw Failure(reason: "behind # there is not the emoji, its version and its name")
        }
        let emoji = String(String.UnicodeScalarView(scalars))
        guard Emoji.isOne(emoji) else { return }
        let key = scalars.map(\.value).filter { $0 != Self.variation && !Self.toneScalars.contains($0) }
        let tones = Set(scalars.map(\.value).filter(Self.toneScalars.contains))
        if tones.isEmpty {
            let group = groups.count - 1
            places[key] = Place(group: group, entry: groups[group].entries.count)
            groups[group].entries.append(
                EmojiList.Entry(emoji: emoji, name: String(comment[2]), subgroup: subgroup))
        } else if tones.count == 1, let tone = tones.first {
            places[key]?.tones[Int(tone - Self.toneScalars.lowerBound)] = emoji
        }
    }

    private static func scalars(_ text: Substring) throws(Failure) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        for word in text.split(separator: " ") {
            guard let value = UInt32(word, radix: 16), let scalar = Unicode.Scalar(value) else {
                throw Failure(reason: "'\(word)' is not a code point")
            }
            scalars.append(scalar)
        }
        guard !scalars.isEmpty else { throw Failure(reason: "there is no code point before the semicolon") }
        return scalars
    }
}
