import ChatContracts
import Markdown

/// A formatted text as HTML. `view/text.js` makes the same elements of the same parts.
///
/// Every tag and attribute is written here; of what people wrote only texts get in, with each character that HTML knows
/// escaped, and addresses that are ASCII and begin with `http` or `mailto`.
struct FormattedHTML {
    private(set) var html = ""
    private let viewer: UserID

    /// - Parameter viewer: who sees it: mentions of them stand out.
    init(_ formatted: FormattedText, viewer: UserID) {
        self.viewer = viewer
        append(formatted.parts)
    }

    private mutating func append(_ parts: [FormattedPart]) {
        for part in parts {
            switch part {
            case .text(let text): append(escaping: text)
            case .element(let element, let content): append(element, content)
            }
        }
    }

    private mutating func append(_ element: FormattedElement, _ content: [FormattedPart]) {
        switch element {
        case .strong: wrap("strong", content)
        case .emphasis: wrap("em", content)
        case .strike: wrap("s", content)
        case .code: wrap("code", content)
        case .quote: wrap("blockquote", content)
        case .item: wrap("li", content)
        case .list(nil): wrap("ul", content)
        case .list(let start?):
            html += "<ol"
            if start != 1 { append(attribute: "start", String(start)) }
            html += ">"
            append(content)
            html += "</ol>"
        case .codeBlock(let language):
            // Code that is too wide scrolls by itself, also with the keyboard.
            html += "<pre tabindex=\"0\""
            if let language { append(attribute: "data-language", language) }
            html += ">"
            wrap("code", content)
            html += "</pre>"
        case .link(let url, let host):
            html += "<a"
            append(attribute: "href", url)
            html += " rel=\"noopener noreferrer nofollow\" target=\"_blank\">"
            append(content)
            html += "</a>"
            if let host {
                html += "<span class=\"link-host\"> ("
                append(escaping: host)
                html += ")</span>"
            }
        case .mention(let user): appendMention(of: user, content)
        }
    }

    /// The name of an account leads to the conversation with it.
    private mutating func appendMention(of user: String?, _ content: [FormattedPart]) {
        let tag = user == nil ? "span" : "a"
        let isViewer = user == nil || user == viewer.description
        html += "<\(tag) class=\"mention\(isViewer ? " me" : "")\""
        if user != nil, case .text(let name)? = content.first {
            append(attribute: "href", ChatAddress.person(String(name.dropFirst())).path)
        }
        html += ">"
        append(content)
        html += "</\(tag)>"
    }

    private mutating func wrap(_ tag: String, _ content: [FormattedPart]) {
        html += "<\(tag)>"
        append(content)
        html += "</\(tag)>"
    }

    private mutating func append(attribute name: String, _ value: String) {
        html += " \(name)=\""
        append(escaping: value)
        html += "\""
    }

    /// By scalars: a quotation mark that carries a combining mark is still a quotation mark for a browser.
    private mutating func append(escaping text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.unicodeScalars.append(scalar)
            }
        }
    }
}
