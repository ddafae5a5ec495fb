/// Recognises passwords that programs which guess make first, by how they are made: a common word with digits or signs around
/// it or in the place of letters, the same again and again, ways over a keyboard, and dates.
enum TrivialForm {
    /// - Parameter folded: the password in the form of ``FoldedText/fold(_:)``.
    static func matches(_ folded: String) -> Bool {
        let characters = Array(folded)
        // Nothing is left of a password of spaces.
        return characters.isEmpty || isRepetition(characters) || isDate(characters) || isWalk(characters[...])
            || isWordWithLittleAround(characters)
    }

    /// The text with letters for the digits and signs that look like them. Two readings, because some look like two.
    static func plain(_ text: String) -> [String] {
        [lookAlikes, lookAlikes.merging(["1": "l", "!": "l"]) { $1 }].map { table in
            String(text.map { table[$0] ?? $0 })
        }
    }

    private static let lookAlikes: [Character: Character] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s",
        "!": "i", "+": "t", "(": "c", "|": "l", "&": "e",
    ]

    // MARK: Words

    /// Signs around a word that make it no better, unless they are trivial themselves at any length.
    private static let decoration = 6

    private static func isWordWithLittleAround(_ characters: [Character]) -> Bool {
        let first = characters.firstIndex(where: \.isLetter) ?? characters.endIndex
        let last = characters.lastIndex(where: \.isLetter).map { $0 + 1 } ?? characters.startIndex
        // A digit or sign beside the letters may stand for one.
        let starts = Array((0...first).suffix(decoration + 1))
        let ends = Array((last...characters.count).prefix(decoration + 1))
        for start in starts {
            for end in ends where start < end && isDecoration(characters[..<start]) && isDecoration(characters[end...])
            {
                if plain(String(characters[start..<end])).contains(where: isWord) { return true }
            }
        }
        return false
    }

    private static func isDecoration(_ characters: ArraySlice<Character>) -> Bool {
        characters.count <= decoration || isRepetition(Array(characters)) || isWalk(characters)
            || isDate(Array(characters))
    }

    /// Whether the text is a common word, once or again and again.
    private static func isWord(_ text: String) -> Bool {
        if CommonWords.all.contains(text) { return true }
        let characters = Array(text)
        guard let unit = period(of: characters), characters.count.isMultiple(of: unit) else { return false }
        return CommonWords.all.contains(String(characters[..<unit]))
    }

    // MARK: Repetitions

    /// Whether a piece of at most four characters fills it, at least twice.
    private static func isRepetition(_ characters: [Character]) -> Bool {
        period(of: characters).map { $0 <= 4 } ?? false
    }

    /// The length of the shortest piece that fills the text, at least twice and perhaps cut at the end.
    private static func period(of characters: [Character]) -> Int? {
        guard characters.count >= 2 else { return nil }
        return (1...(characters.count / 2)).first { unit in
            (unit..<characters.count).allSatisfy { characters[$0] == characters[$0 - unit] }
        }
    }

    // MARK: Ways over a keyboard

    private static let rows: [[Character]] = {
        let rows = [
            "01234567890", "abcdefghijklmnopqrstuvwxyz", "!@#$%^&*()", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
            "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
            "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp", "a1b2c3d4e5f6g7h8i9j0",
            "1a2b3c4d5e6f7g8h9i0j", "147258369", "159357", "13579", "24680",
        ]
        return rows.flatMap { [Array($0), Array($0.reversed())] }
    }()

    /// Whether at most three ways make up the whole, each of at least three keys.
    private static func isWalk(_ characters: ArraySlice<Character>, ways: Int = 3) -> Bool {
        guard ways > 0, characters.count >= 3 else { return false }
        let longest = longestWay(from: characters)
        guard longest >= 3 else { return false }
        // What a way leaves over may be too short for another, which then has to begin earlier.
        return (3...longest).reversed().contains { length in
            length == characters.count || isWalk(characters.dropFirst(length), ways: ways - 1)
        }
    }

    private static func longestWay(from characters: ArraySlice<Character>) -> Int {
        var longest = 0
        for row in rows {
            for start in row.indices where row[start] == characters.first {
                longest = max(longest, zip(row[start...], characters).prefix { $0 == $1 }.count)
            }
        }
        return longest
    }

    // MARK: Dates

    /// Whether it is eight digits that make a date of the years from 1900 to 2099, in any of the usual orders.
    private static func isDate(_ characters: [Character]) -> Bool {
        let digits = characters.filter { !"-./ ".contains($0) }.map { $0.isASCII ? $0.wholeNumberValue : nil }
        guard digits.count == 8, !digits.contains(nil) else { return false }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + ($1 ?? 0) } }
        func isDay(_ year: Int, _ month: Int, _ day: Int) -> Bool {
            (1900...2099).contains(year) && (1...12).contains(month) && (1...31).contains(day)
        }
        return isDay(number(0..<4), number(4..<6), number(6..<8)) || isDay(number(4..<8), number(2..<4), number(0..<2))
            || isDay(number(4..<8), number(0..<2), number(2..<4))
    }
}
