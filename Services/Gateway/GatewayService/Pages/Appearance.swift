/// How somebody wants pages to look in one browser.
struct Appearance: Sendable, Equatable {
    /// Values in forms, in the cookie and in the class names of the style sheet.
    enum Theme: String, Sendable, CaseIterable { case system, light, dark }
    enum TextSize: String, Sendable, CaseIterable { case small, normal, large }

    var theme = Theme.system
    var textSize = TextSize.normal

    init(theme: Theme = .system, textSize: TextSize = .normal) {
        self.theme = theme
        self.textSize = textSize
    }

    /// What a form or a cookie says; nil unless both are values that exist.
    init?(theme: some StringProtocol, textSize: some StringProtocol) {
        guard let theme = Theme(rawValue: String(theme)), let textSize = TextSize(rawValue: String(textSize)) else {
            return nil
        }
        self.init(theme: theme, textSize: textSize)
    }
}

/// What the layout of every page is given of it.
struct AppearanceContext: Equatable {
    /// Of the root element, such as "theme-dark text-large"; empty if everything is as usual.
    var classes = ""
    /// Which schemes the browser may draw its own parts in.
    var schemes = "light dark"
    /// The page's ground in each theme, as in the style sheet.
    let light = "#f4f3ee"
    let dark = "#0a1211"
    /// The colour of the browser's frame while the system is light, and while it is dark.
    var lightGround: String
    var darkGround: String

    init(_ appearance: Appearance = Appearance()) {
        lightGround = appearance.theme == .dark ? dark : light
        darkGround = appearance.theme == .light ? light : dark
        var names: [String] = []
        if appearance.textSize != .normal { names.append("text-\(appearance.textSize)") }
        switch appearance.theme {
        case .system: break
        case .light:
            names.append("theme-light")
            schemes = "light"
        case .dark:
            names.append("theme-dark")
            schemes = "dark"
        }
        classes = names.joined(separator: " ")
    }
}

/// One of the values that somebody can choose, for the settings.
struct ChoiceContext: Equatable {
    var value: String
    var words: String
    var isChosen: Bool
}

extension Appearance {
    var themeChoices: [ChoiceContext] {
        Theme.allCases.map { ChoiceContext(value: $0.rawValue, words: $0.words, isChosen: $0 == theme) }
    }

    var textSizeChoices: [ChoiceContext] {
        TextSize.allCases.map { ChoiceContext(value: $0.rawValue, words: $0.words, isChosen: $0 == textSize) }
    }
}

extension Appearance.Theme {
    fileprivate var words: String {
        switch self {
        case .system: "As the system"
        case .light: "Light"
        case .dark: "Dark"
        }
    }
}

extension Appearance.TextSize {
    fileprivate var words: String {
        switch self {
        case .small: "Small"
        case .normal: "Normal"
        case .large: "Large"
        }
    }
}
