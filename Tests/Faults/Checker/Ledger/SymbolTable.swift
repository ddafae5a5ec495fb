/// A text of the history as a small number.
typealias Symbol = Int32

/// Gives every different text a number, from 0, in the order of their first use.
struct SymbolTable: Sendable {
    private var numbers: [String: Symbol] = [:]
    private(set) var texts: [String] = []

    var count: Int { texts.count }

    mutating func symbol(_ text: String) -> Symbol {
        if let known = numbers[text] { return known }
        let new = Symbol(texts.count)
        numbers[text] = new
        texts.append(text)
        return new
    }

    /// The number of a text that has one.
    func known(_ text: String) -> Symbol? { numbers[text] }

    subscript(symbol: Symbol) -> String { texts[Int(symbol)] }
}
