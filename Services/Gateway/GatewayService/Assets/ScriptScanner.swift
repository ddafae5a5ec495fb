/// A piece of JavaScript that is more than space and comments.
struct ScriptToken {
    enum Kind: Equatable {
        /// An identifier or a keyword.
        case word
        case string
        /// A number, a template or a regular expression.
        case literal
        /// One character such as `{` or `=`.
        case punctuator(Unicode.Scalar)
    }

    var kind: Kind
    /// Where it is, in bytes.
    var range: Range<Int>
    /// Counted from 1.
    var line: Int
    /// How many brackets and braces are open around it.
    var depth: Int
}

/// Cuts JavaScript into tokens, so that words in strings, templates, comments and regular expressions are not taken for
/// statements.
///
/// Whether a slash begins a regular expression depends on the grammar; here the token before it decides, which is right
/// except directly behind the `)` of an `if` or the `}` of a block. There, a regular expression that contains quotes or
/// brackets may be reported as an error.
struct ScriptScanner {
    struct Failure: Error {
        var line: Int
        var reason: String
    }

    private enum Opening: Equatable {
        case bracket(closing: UInt8, line: Int)
        /// `${` in a template.
        case substitution(line: Int)
    }

    private static let wordsBeforeExpressions: Set<String> = [
        "await", "case", "delete", "do", "else", "in", "instanceof", "new", "of", "return", "throw", "typeof", "void",
        "yield",
    ]

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var open: [Opening] = []
    private var tokens: [ScriptToken] = []

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func tokens(of bytes: [UInt8]) throws(Failure) -> [ScriptToken] {
        var scanner = ScriptScanner(bytes)
        while scanner.position < bytes.count { try scanner.next() }
        switch scanner.open.last {
        case .bracket(let closing, let line):
            throw Failure(line: line, reason: "a bracket is not closed by \(Character(Unicode.Scalar(closing)))")
        case .substitution(let line): throw Failure(line: line, reason: "a template does not end")
        case nil: return scanner.tokens
        }
    }

    private func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func failure(_ reason: String) -> Failure { Failure(line: line, reason: reason) }

    private mutating func add(_ kind: ScriptToken.Kind, from start: Int) {
        tokens.append(ScriptToken(kind: kind, range: start..<position, line: line, depth: open.count))
    }

    private mutating func next() throws(Failure) {
        let start = position
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\n"): line += 1
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
        case UInt8(ascii: "/"): try slash(at: start)
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try string(from: start, quote: byte)
        case UInt8(ascii: "`"): try template(from: start)
        case UInt8(ascii: "("): bracket(from: start, closing: UInt8(ascii: ")"))
        case UInt8(ascii: "["): bracket(from: start, closing: UInt8(ascii: "]"))
        case UInt8(ascii: "{"): bracket(from: start, closing: UInt8(ascii: "}"))
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): try close(byte, at: start)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            skipWord(alsoDots: true)
            add(.literal, from: start)
        default:
            if Self.isPartOfWord(byte) || byte == UInt8(ascii: "#") {
                skipWord(alsoDots: false)
                add(.word, from: start)
            } else {
                add(.punctuator(Unicode.Scalar(byte)), from: start)
            }
        }
    }

    static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xff:
            true
        default: false
        }
    }

    private mutating func skipWord(alsoDots: Bool) {
        while let byte = byte(at: position), Self.isPartOfWord(byte) || (alsoDots && byte == UInt8(ascii: ".")) {
            position += 1
        }
    }

    private mutating func bracket(from start: Int, closing: UInt8) {
        add(.punctuator(Unicode.Scalar(bytes[start])), from: start)
        open.append(.bracket(closing: closing, line: line))
    }

    private mutating func close(_ byte: UInt8, at start: Int) throws(Failure) {
        switch open.popLast() {
        case .bracket(byte, _): add(.punctuator(Unicode.Scalar(byte)), from: start)
        case .substitution where byte == UInt8(ascii: "}"): try template(from: start)
        default: throw failure("a \(Character(Unicode.Scalar(byte))) closes nothing")
        }
    }

    private mutating func slash(at start: Int) throws(Failure) {
        switch byte(at: position) {
        case UInt8(ascii: "/"):
            while let byte = byte(at: position), byte != UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "*"):
            position += 1
            while byte(at: position) != UInt8(ascii: "*") || byte(at: position + 1) != UInt8(ascii: "/") {
                guard let byte = byte(at: position) else { throw failure("a comment does not end") }
                if byte == UInt8(ascii: "\n") { line += 1 }
                position += 1
            }
            position += 2
        default:
            if beginsExpression { try regularExpression(from: start) } else { add(.punctuator("/"), from: start) }
        }
    }

    /// Whether an operand is expected here, not an operator.
    private var beginsExpression: Bool {
        guard let last = tokens.last else { return true }
        return switch last.kind {
        case .word: Self.wordsBeforeExpressions.contains(String(decoding: bytes[last.range], as: UTF8.self))
        case .string, .literal, .punctuator(")"), .punctuator("]"), .punctuator("}"): false
        case .punctuator: true
        }
    }

    private mutating func string(from start: Int, quote: UInt8) throws(Failure) {
        while let byte = byte(at: position), byte != quote {
            if byte == UInt8(ascii: "\n") { throw failure("a string does not end") }
            if byte == UInt8(ascii: "\\") {
                position += 1
                if self.byte(at: position) == UInt8(ascii: "\n") { line += 1 }
            }
            position += 1
        }
        guard position < bytes.count else { throw failure("a string does not end") }
        position += 1
        add(.string, from: start)
    }

    private mutating func regularExpression(from start: Int) throws(Failure) {
        var isInClass = false
        while let byte = byte(at: position), byte != UInt8(ascii: "\n") {
            position += 1
            switch byte {
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "["): isInClass = true
            case UInt8(ascii: "]"): isInClass = false
            case UInt8(ascii: "/") where !isInClass:
                skipWord(alsoDots: false)
                return add(.literal, from: start)
            default: break
            }
        }
        throw failure("a regular expression does not end")
    }

    /// Goes on behind the opening quote of a template, or behind the brace that closes a substitution in it.
    private mutating func template(from start: Int) throws(Failure) {
        while let byte = byte(at: position) {
            position += 1
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "\\"):
                if self.byte(at: position) == UInt8(ascii: "\n") { line += 1 }
                position += 1
            case UInt8(ascii: "`"): return add(.literal, from: start)
            case UInt8(ascii: "$") where self.byte(at: position) == UInt8(ascii: "{"):
                position += 1
                add(.punctuator("{"), from: start)
                open.append(.substitution(line: line))
                return
            default: break
            }
        }
        throw failure("a template does not end")
    }
}
