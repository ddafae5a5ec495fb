/// One ES module: what it imports, what it exports, and the rest of its text.
///
/// Takes `import { a, b as c } from './x.js'`, `import * as X from './x.js'`, `import './x.js'`, and `export` before
/// `const`, `class`, `function` and `async function`; `import(address)` stays as it is. Every other form is an error that
/// names its line.
struct ScriptModule {
    struct Import {
        enum Bindings {
            case none
            case namespace(String)
            case names([(exported: String, local: String)])
        }

        /// The module that is meant, as a path in the folder of public files.
        var path: String
        var bindings: Bindings
        var line: Int
    }

    let path: String
    private(set) var imports: [Import] = []
    private(set) var exports: [String] = []
    /// The text without comments, indentation, import statements and the words `export`, and without line ends where none can
    /// end a statement.
    private(set) var body: [UInt8] = []

    private let source: [UInt8]
    private let tokens: [ScriptToken]
    private var index = 0
    /// What is left out of the body, in the order of the text.
    private var cuts: [Range<Int>] = []

    init(path: String, source: [UInt8]) throws(AssetError) {
        self.path = path
        self.source = source
        do throws(ScriptScanner.Failure) {
            tokens = try ScriptScanner.tokens(of: source)
        } catch {
            throw AssetError(file: path, line: error.line, reason: error.reason)
        }
        var isBehindAsync = false
        while index < tokens.count {
            let token = tokens[index]
            switch (token.kind, text(token)) {
            case (.punctuator(";"), _) where token.depth == 0, (.punctuator("}"), _) where token.depth == 0:
                isBehindAsync = false
            case (.word, "async") where token.depth == 0: isBehindAsync = true
            // The module becomes the body of a function, which does not wait.
            case (.word, "await") where token.depth == 0 && !isBehindAsync && !isMember(index):
                throw failure("await outside of a function is not supported", token)
            case (.word, "import") where !isMember(index) && !isLaterImport(index): try takeImport()
            case (.word, "export") where !isMember(index): try takeExport()
            case (.word, let word) where word.hasPrefix(ScriptBundle.reservedPrefix):
                throw failure("names that begin with \(ScriptBundle.reservedPrefix) are reserved", token)
            default: break
            }
            index += 1
        }
        body = bodyWithoutCuts()
    }

    private func text(_ token: ScriptToken) -> String { String(decoding: source[token.range], as: UTF8.self) }

    private func token(_ offset: Int) -> ScriptToken? { offset < tokens.count ? tokens[offset] : nil }

    private func failure(_ reason: String, _ token: ScriptToken) -> AssetError {
        AssetError(file: path, line: token.line, reason: reason)
    }

    /// Whether a word is only a name: `object.import`, or `{ import: 1 }`.
    private func isMember(_ index: Int) -> Bool {
        if index > 0, tokens[index - 1].kind == .punctuator(".") { return true }
        return tokens[index].depth > 0 && token(index + 1)?.kind == .punctuator(":")
    }

    // MARK: import

    /// Whether this is an `import()` of an address that the module makes itself. A written one would be relative to the
    /// module here and to the bundle there.
    private func isLaterImport(_ index: Int) -> Bool {
        guard token(index + 1)?.kind == .punctuator("("), let argument = token(index + 2) else { return false }
        return argument.kind == .word
    }

    private mutating func takeImport() throws(AssetError) {
        let start = tokens[index]
        if let next = token(index + 1), next.kind == .punctuator("(") || next.kind == .punctuator(".") {
            throw failure("import.meta, and import() of a written address, are not supported", start)
        }
        guard start.depth == 0 else { throw failure("an import has to stand outside of braces", start) }
        index += 1
        let bindings: Import.Bindings
        switch token(index)?.kind {
        case .string: bindings = .none
        case .punctuator("*"):
            try expect("*", after: start)
            try expect("as", after: start)
            bindings = .namespace(try word(after: start))
            try expect("from", after: start)
        case .punctuator("{"):
            bindings = .names(try names(after: start))
            try expect("from", after: start)
        default:
            throw failure("default imports are not supported: write import { name } from './file.js'", start)
        }
        guard let address = token(index), address.kind == .string else {
            throw failure("the import names no module", start)
        }
        let written = String(text(address).dropFirst().dropLast())
        guard let imported = assetPath(of: written, in: path) else {
            throw failure("cannot import \"\(written)\": the address has to begin with ./ or ../", address)
        }
        if let next = token(index + 1), next.kind == .word, text(next) == "with" {
            throw failure("import attributes are not supported", next)
        }
        if token(index + 1)?.kind == .punctuator(";") { index += 1 }
        cuts.append(start.range.lowerBound..<tokens[index].range.upperBound)
        imports.append(Import(path: imported, bindings: bindings, line: start.line))
    }

    private mutating func names(after start: ScriptToken) throws(AssetError) -> [(exported: String, local: String)] {
        var names: [(exported: String, local: String)] = []
        try expect("{", after: start)
        while token(index)?.kind != .punctuator("}") {
            let exported = try word(after: start)
            if let next = token(index), next.kind == .word, text(next) == "as" {
                index += 1
                names.append((exported, try word(after: start)))
            } else {
                names.append((exported, exported))
            }
            if token(index)?.kind != .punctuator("}") { try expect(",", after: start) }
        }
        index += 1
        return names
    }

    private mutating func word(after start: ScriptToken) throws(AssetError) -> String {
        guard let token = token(index), token.kind == .word else {
            throw failure("the statement lacks a name", start)
        }
        index += 1
        return text(token)
    }

    private mutating func expect(_ expected: String, after start: ScriptToken) throws(AssetError) {
        guard let token = token(index), token.kind != .string, text(token) == expected else {
            throw failure("the statement lacks \"\(expected)\"", start)
        }
        index += 1
    }

    // MARK: export

    private mutating func takeExport() throws(AssetError) {
        let start = tokens[index]
        guard start.depth == 0 else { throw failure("an export has to stand outside of braces", start) }
        guard let declaration = token(index + 1), declaration.kind == .word else { throw unsupportedExport(start) }
        var nameIndex = index + 2
        switch text(declaration) {
        case "const", "class": break
        case "function": if token(nameIndex)?.kind == .punctuator("*") { nameIndex += 1 }
        case "async":
            guard let function = token(nameIndex), text(function) == "function" else { throw unsupportedExport(start) }
            nameIndex += 1
            if token(nameIndex)?.kind == .punctuator("*") { nameIndex += 1 }
        default: throw unsupportedExport(start)
        }
        guard let name = token(nameIndex), name.kind == .word else { throw unsupportedExport(start) }
        exports.append(text(name))
        cuts.append(start.range.lowerBound..<declaration.range.lowerBound)
    }

    private func unsupportedExport(_ start: ScriptToken) -> AssetError {
        failure(
            "this form of export is not supported: write export before const with one name, class, function or "
                + "async function", start)
    }

    private func bodyWithoutCuts() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(source.count)
        var cuts = cuts[...]
        var position = 0
        for token in tokens {
            while let cut = cuts.first, cut.upperBound <= position { cuts = cuts.dropFirst() }
            let isInside = cuts.first.map { $0.lowerBound < position } ?? false
            if !isInside { append(position..<token.range.lowerBound, to: &body) }
            position = token.range.upperBound
            let isCut = cuts.first.map { $0.contains(token.range.lowerBound) } ?? false
            if !isCut { body.append(contentsOf: source[token.range]) }
        }
        return body
    }

    /// Appends what separates the last token from the next one: a line end if there is one that may end a statement, or
    /// else a space if the tokens would be others without.
    private func append(_ gap: Range<Int>, to body: inout [UInt8]) {
        guard !gap.isEmpty, let last = body.last, last != UInt8(ascii: "\n") else { return }
        let next = source[gap.upperBound]
        let endsLine = source[gap].contains(UInt8(ascii: "\n"))
        if endsLine, !Self.beforeNoLineEnd.contains(last), !Self.behindNoLineEnd.contains(next) {
            body.append(UInt8(ascii: "\n"))
        } else if Self.touches(last, next) {
            body.append(UInt8(ascii: " "))
        }
    }

    /// A line end behind one of these, or before one of the others, ends nothing.
    private static let beforeNoLineEnd = Set(";,{([".utf8)
    private static let behindNoLineEnd = Set("})],".utf8)

    /// Whether two characters side by side may be read as one token, such as two letters, `+` and `+`, or `/` and `*`.
    /// Says so too often rather than too rarely.
    private static func touches(_ last: UInt8, _ next: UInt8) -> Bool {
        if ScriptScanner.isPartOfWord(last) {
            // Behind a number, a point would belong to it.
            return ScriptScanner.isPartOfWord(next) || next == UInt8(ascii: "#") || next == UInt8(ascii: ".")
        }
        return operators.contains(last) && operators.contains(next)
    }

    private static let operators = Set("+-*/%<>=!?.&|^~".utf8)
}
