/// The search keys of an account: its username and display name, folded, and the text at each place of them.
///
/// An index of the parts finds a text at any place with one range: the part at that place begins with the text. It
/// takes an entry for each place, about 25 for an account, and reads for a search no more entries than match, whether the
/// text has one character or many. Scanning all names instead would take time in proportion to the directory for each key
/// press.
struct SearchKeys: Sendable, Equatable {
    /// Raise it when the same name gives other keys; accounts with another number get new ones when the service
    /// starts.
    static let rules: Int32 = 1
    /// Scalars of a part. A search for a longer text looks at what follows in the names that it has found.
    static let partLength = 16
    /// Places of an account. One character of a display name can be many when it is folded, so characters are no bound.
    private static let maximumParts = 160

    /// The folded username, a line break, and the folded display name.
    let folded: String
    /// Each once, in no particular order.
    let parts: [String]

    init(username: String, displayName: String) {
        let lines = [FoldedText.fold(username), FoldedText.fold(displayName)]
        folded = lines.joined(separator: "\n")
        var parts: Set<String> = []
        for line in lines {
            let scalars = Array(line.unicodeScalars)
            for start in scalars.indices where scalars[start] != " " && parts.count < Self.maximumParts {
                parts.insert(String(String.UnicodeScalarView(scalars[start...].prefix(Self.partLength))))
            }
        }
        self.parts = parts.sorted()
    }
}

/// The text of a search, folded.
struct SearchText: Sendable, Equatable {
    let text: String
    /// The bounds of the parts that begin with it: from the first, before the end.
    let firstPart: String
    var partEnd: String { firstPart + "\u{10FFFF}" }
    /// Whether the parts alone do not decide.
    let isLongerThanPart: Bool

    /// Nil if there is nothing to look for, or more than any name has.
    init?(_ given: String) {
        guard given.utf8.count <= 2_048 else { return nil }
        let text = FoldedText.fold(given)
        guard !text.isEmpty else { return nil }
        self.text = text
        let scalars = text.unicodeScalars
        firstPart = String(String.UnicodeScalarView(scalars.prefix(SearchKeys.partLength)))
        isLongerThanPart = scalars.count > SearchKeys.partLength
    }
}
