/// What counts as an emoji.
public enum Emoji {
    /// Whether a text is exactly one emoji that is shown as a picture: one grapheme cluster of at most
    /// ``Limits/emojiBytes`` bytes, made of emoji only.
    ///
    /// A digit is an emoji by its properties and a text by its presentation, so it takes U+FE0F to make it one.
    public static func isOne(_ text: String) -> Bool {
        guard text.utf8.count <= Limits.emojiBytes, text.count == 1 else { return false }
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, first.properties.isEmoji else { return false }
        guard scalars.allSatisfy(isPart) else { return false }
        if isRegionalIndicator(first) { return scalars.count == 2 && isRegionalIndicator(scalars[1]) }
        if first.properties.isEmojiPresentation { return true }
        guard scalars.count > 1 else { return false }
        return scalars[1] == variation || scalars[1].properties.isEmojiModifier
    }

    /// What is wrong with a reaction; nil if it is one emoji.
    static func refusal(of text: String) -> Fault? {
        isOne(text) ? nil : Fault(.invalid, "A reaction is exactly one emoji.", field: "emoji")
    }

    private static let variation: Unicode.Scalar = "\u{fe0f}"

    private static func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
        (0x1f1e6...0x1f1ff).contains(scalar.value)
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Joiner, variation selector, keycap, and the tags of the flags of regions.
        case 0x200d, 0xfe0f, 0x20e3, 0xe0020...0xe007f: true
        default: scalar.properties.isEmoji
        }
    }
}
