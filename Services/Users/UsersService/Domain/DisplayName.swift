import ChatContracts

/// What others see: 1 to 64 characters after white space at both ends is taken off, at least one of them visible, on one
/// line.
struct DisplayName: Sendable {
    static let characters = 1...64
    /// One character may be made of any number of scalars, so characters alone are no bound.
    static let maximumBytes = 512

    let text: String

    init(_ given: String) throws(Fault) {
        let text = Self.trimmed(given)
        guard text.utf8.count <= Self.maximumBytes, Self.characters.contains(text.count) else {
            throw Fault(.invalid, "A display name has 1 to 64 characters.", field: "displayName")
        }
        guard !text.unicodeScalars.contains(where: Self.isForbidden) else {
            throw Fault(
                .invalid, "A display name is one line, without control characters.", field: "displayName")
        }
        guard text.unicodeScalars.contains(where: Self.isVisible) else {
            throw Fault(.invalid, "A display name has something to see in it.", field: "displayName")
        }
        self.text = text
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    /// Control characters, line and paragraph separators, and the marks that turn the direction of the text around a
    /// name.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .spaceSeparator, .unassigned, .privateUse, .nonspacingMark, .enclosingMark: false
        default: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
