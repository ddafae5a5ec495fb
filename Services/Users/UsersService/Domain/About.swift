import ChatContracts

/// What somebody says of themselves: at most 160 characters on one line, after white space at both ends is taken off and
/// line ends became spaces. May be empty.
struct About: Sendable {
    static let maximumCharacters = 160
    /// One character may be made of any number of scalars, so characters alone are no bound.
    static let maximumBytes = 1_280

    let text: String

    init(_ given: String) throws(Fault) {
        let lines = given.split(whereSeparator: \.isNewline).map { PlainLine.trimmed(String($0)) }
        let text = lines.filter { !$0.isEmpty }.joined(separator: " ")
        guard text.utf8.count <= Self.maximumBytes, text.count <= Self.maximumCharacters else {
            throw Fault(
                .invalid, "What you say about yourself has at most \(Self.maximumCharacters) characters.",
                field: "about")
        }
        guard !text.unicodeScalars.contains(where: PlainLine.isForbidden) else {
            throw Fault(.invalid, "What you say about yourself has no control characters.", field: "about")
        }
        guard text.isEmpty || text.unicodeScalars.contains(where: PlainLine.isVisible) else {
            throw Fault(.invalid, "What you say about yourself has something to see in it.", field: "about")
        }
        self.text = text
    }
}
