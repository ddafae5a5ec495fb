import ChatContracts

/// What others see: 1 to 64 characters after white space at both ends is taken off, at least one of them visible, on one
/// line.
struct DisplayName: Sendable {
    static let characters = 1...64
    /// One character may be made of any number of scalars, so characters alone are no bound.
    static let maximumBytes = 512

    let text: String

    init(_ given: String) throws(Fault) {
        let text = PlainLine.trimmed(given)
        guard text.utf8.count <= Self.maximumBytes, Self.characters.contains(text.count) else {
            throw Fault(.invalid, "A display name has 1 to 64 characters.", field: "displayName")
        }
        guard !text.unicodeScalars.contains(where: PlainLine.isForbidden) else {
            throw Fault(
                .invalid, "A display name is one line, without control characters.", field: "displayName")
        }
        guard text.unicodeScalars.contains(where: PlainLine.isVisible) else {
            throw Fault(.invalid, "A display name has something to see in it.", field: "displayName")
        }
        self.text = text
    }
}
