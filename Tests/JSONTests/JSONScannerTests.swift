import Foundation
import JSON
import TestSupport
import Testing

@Suite struct JSONScannerTests {
    private func scanner(_ text: String) -> JSONScanner { JSONScanner(ArraySlice(text.utf8)) }

    @Test func `the scanner reads strings as Foundation does`() throws {
        var source = SeededSource(seed: 7)
        let alphabet: [Character] = ["a", "\"", "\\", "\n", "\u{0}", "\u{1f}", "/", "é", "😀", "\u{2028}", " "]
        for _ in 0..<2_000 {
            let text = String(
                (0..<Int.random(in: 0...12, using: &source)).map { _ in alphabet.randomElement(using: &source)! })
            var scanner = JSONScanner(ArraySlice(try JSONEncoder().encode(text)))
            #expect(try scanner.string() == text)
        }
        var pair = scanner(#""\ud83d\ude00\u00e9\/\u00E9""#)
        #expect(try pair.string() == "😀é/é")
    }

    @Test func `a reader takes what it knows and skips the rest`() throws {
        var scanner = scanner(
            #" { "skip" : [ {"a":[1,-2.5E+3,"x\"]",null]} , true ] , "n" : 18446744073709551615, "b": false, "#
                + #""s": null, "raw": {"x" : 1} , "plain":"aé" } "#)
        var found: [String] = []
        try scanner.object { name, scanner throws(JSONScanner.Malformed) in
            switch name {
            case "n": found.append("\(try scanner.unsignedInteger())")
            case "b": found.append("\(try scanner.boolean())")
            case "s": found.append("\(try scanner.null())")
            case "raw": found.append(String(decoding: try scanner.value(), as: UTF8.self))
            case "plain": found.append(String(decoding: try scanner.plainString(), as: UTF8.self))
            default: try scanner.skipValue()
            }
        }
        try scanner.end()
        #expect(found == ["18446744073709551615", "false", "true", #"{"x" : 1}"#, "aé"])
    }

    @Test(arguments: ["18446744073709551616", "01", "-1", "", "x", "\"1\""])
    func `what is no unsigned integer is refused`(text: String) {
        var scanner = scanner(text)
        #expect(throws: JSONScanner.Malformed.self) { try scanner.unsignedInteger() }
    }

    @Test(arguments: ["1.5", "1e2", "1-2"])
    func `an unsigned integer ends where the digits end`(text: String) throws {
        var scanner = scanner(text)
        #expect(try scanner.unsignedInteger() == 1)
        #expect(throws: JSONScanner.Malformed.self) { try scanner.end() }
    }

    @Test(arguments: [
        "1.", "-", "01", "1e", "1e+", "--1", "+1", ".5", "1.5.5", "tru", "nil", "[1,]", "{\"a\":}",
    ])
    func `what is skipped has to be JSON`(text: String) {
        #expect(throws: JSONScanner.Malformed.self) {
            var scanner = scanner(text)
            try scanner.skipValue()
            try scanner.end()
        }
    }

    @Test(arguments: [#""a\n""#, "\"a", "1", "\"a\u{1}\"", ""])
    func `a plain string has no escapes and no control characters`(text: String) {
        var scanner = scanner(text)
        #expect(throws: JSONScanner.Malformed.self) { try scanner.plainString() }
    }

    @Test func `offsets count from the start of a slice`() throws {
        let text = Array("xxxx[1,?]".utf8)
        var scanner = JSONScanner(text[4...])
        let error = #expect(throws: JSONScanner.Malformed.self) { try scanner.skipValue() }
        #expect(error?.offset == 3)
        #expect(error?.reason == .unexpectedCharacter)
    }

    @Test func `deep nesting is refused also where it is skipped`() {
        for opening in ["[", "{\"a\":"] {
            var scanner = scanner(String(repeating: opening, count: 100_000))
            let error = #expect(throws: JSONScanner.Malformed.self) { try scanner.skipValue() }
            #expect(error?.reason == .tooDeep)
        }
    }
}
