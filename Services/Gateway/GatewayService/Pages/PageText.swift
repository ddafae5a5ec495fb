import Mustache

/// Text that people wrote, on its way into a page.
///
/// The template engine escapes by whole characters (grapheme clusters), so a quotation mark that carries a combining
/// mark is not the character it looks for and would get through as it is. Such clusters are broken up here by a
/// zero-width space, which belongs to no cluster; every other text stays as it is.
struct PageText: MustacheCustomRenderable, Equatable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let renderText: String
    var isNull: Bool { false }

    init(_ text: String) {
        renderText = text.contains(where: Self.hidesMarkup) ? Self.separated(text) : text
    }

    init(stringLiteral value: String) { self.init(value) }

    private static func isMarkup(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "<", ">", "&", "\"", "'": true
        default: false
        }
    }

    private static func hidesMarkup(_ character: Character) -> Bool {
        character.unicodeScalars.count > 1 && character.unicodeScalars.contains(where: isMarkup)
    }

    private static func separated(_ text: String) -> String {
        var separated = String.UnicodeScalarView()
        for character in text {
            guard hidesMarkup(character) else {
                separated.append(contentsOf: character.unicodeScalars)
                continue
            }
            for scalar in character.unicodeScalars {
                if isMarkup(scalar) {
                    separated.append(contentsOf: ["\u{200B}", scalar, "\u{200B}"])
                } else {
                    separated.append(scalar)
                }
            }
        }
        return String(separated)
    }
}
