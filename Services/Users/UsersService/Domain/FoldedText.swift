import Foundation

/// Texts as searches and the rules of passwords compare them: without case, accents, and other differences that people do
/// not mean.
enum FoldedText {
    /// Compatibility decomposition, without marks and characters that are not seen, in lowercase, with single spaces and
    /// none at the ends. The same for every locale.
    static func fold(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        // Twice: lowercase letters such as those of Turkish may have marks of their own.
        for scalar in bare(bare(text).lowercased()).unicodeScalars {
            if let letters = letters[scalar] {
                folded.append(contentsOf: letters.unicodeScalars)
            } else if !scalar.properties.isWhitespace {
                folded.append(scalar)
            } else if let last = folded.last, last != " " {
                folded.append(" ")
            }
        }
        if folded.last == " " { folded.removeLast() }
        return String(folded)
    }

    private static func bare(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.decomposedStringWithCompatibilityMapping.unicodeScalars.filter { scalar in
                    switch scalar.properties.generalCategory {
                    case .nonspacingMark, .enclosingMark, .format, .control: scalar.properties.isWhitespace
                    default: !scalar.properties.isDefaultIgnorableCodePoint
                    }
                }))
    }

    /// Letters of the Latin and Greek scripts that no decomposition takes apart.
    private static let letters: [Unicode.Scalar: String] = [
        "\u{131}": "i", "\u{DF}": "ss", "\u{E6}": "ae", "\u{153}": "oe", "\u{F8}": "o", "\u{142}": "l",
        "\u{111}": "d", "\u{F0}": "d", "\u{FE}": "th", "\u{127}": "h", "\u{167}": "t", "\u{14B}": "n",
        "\u{138}": "k", "\u{3C2}": "\u{3C3}",
    ]
}
