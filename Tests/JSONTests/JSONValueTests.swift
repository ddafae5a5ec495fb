import JSON
import TestSupport
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws(JSONScanner.Malformed) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    @Test func `values of every kind are read`() throws {
        #expect(
            try parse(#" {"a": [1, -2.5e1, true, false, null], "b": {"c": "d"}} "#)
                == .object([
                    .init(name: "a", value: .array([.integer(1), .number(-25), .bool(true), .bool(false), .null])),
                    .init(name: "b", value: .object([.init(name: "c", value: .string("d"))])),
                ]))
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try parse(#""\u00e9\ud83d\ude00\n\"\/""#) == .string("é😀\n\"/"))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", "-", "1e", "tru", "nul", "\"", "\"\\x\"",
        "\"\\ud83d\"", "\"\\ude00\"", "\"\u{1}\"", "1 2", "{\"a\":1,\"a\":2}", "1e999", "[1", "\"\\u12\"", "[,1]",
        "\"\\ud83d\\u0041\"", "\"\\ud83d\\n\"", "+1", ".5", "[1 2]", "\"\\",
    ])
    func `what is not JSON is refused`(_ text: String) {
        #expect(throws: JSONScanner.Malformed.self) { try parse(text) }
    }

    @Test(arguments: [
        ("", 0, "the text ends early"), ("{\"a\":1} x", 8, "text after the end"), ("[1,x]", 3, "unexpected character"),
        ("[nul]", 4, "unexpected word"), ("{a:1}", 1, "expected a name in quotes"),
        ("{\"a\" 1}", 5, "expected a colon"),
        ("{\"a\":1,\"a\":2}", 11, "a name is given twice"),
        ("{\"a\":1 \"b\":2}", 7, "expected a comma or the end of the object"),
        ("[1 2]", 3, "expected a comma or the end of the array"), ("[-]", 2, "expected a digit"),
        ("[1e999]", 6, "a number out of range"), ("[\"a", 3, "a string does not end"),
        ("[\"a\n\"]", 3, "a control character in a string"), ("[\"a\\x\"]", 5, "an unknown escape"),
        ("[\"\\ud83d\"]", 8, "half of a surrogate pair"),
    ])
    func `an error says what is wrong and where`(text: String, offset: Int, reason: String) throws {
        let error = try #require(throws: JSONScanner.Malformed.self) { try parse(text) }
        #expect(error.reason.rawValue == reason)
        #expect(error.offset == offset)
    }

    @Test(arguments: [2, 11, 12, 13, 14, 200])
    func `a name that is given twice is refused among few and many`(count: Int) throws {
        let names = (1..<count).map { "n\($0)" }
        func object(_ names: [String]) -> String { "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}" }
        #expect(throws: Never.self) { try parse(object(names)) }
        for repeated in [names.first!, names.last!] {
            #expect(throws: JSONScanner.Malformed.self) { try parse(object(names + [repeated])) }
        }
    }

    @Test func `a string that is not UTF-8 is refused`() {
        #expect(throws: JSONScanner.Malformed.self) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
        #expect(throws: JSONScanner.Malformed.self) { try JSONValue(parsing: [0x22, 0x5c, 0x6e, 0xff, 0x22]) }
    }

    @Test func `deep nesting is refused before it costs the stack`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(JSONScanner.maximumDepth)) }
        for depth in [JSONScanner.maximumDepth + 1, 100_000] {
            let error = #expect(throws: JSONScanner.Malformed.self) { try parse(nested(depth)) }
            #expect(error?.reason == .tooDeep)
        }
    }

    @Test func `damaged texts never crash the parser`() {
        let text = Array(#"{"cursors":{"00":1,"é":[-1.5e3,"\u00e9\n\ud83d\ude00"]},"recent":null}"#.utf8)
        var source = SeededSource(seed: 3)
        for _ in 0..<20_000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...4, using: &source) {
                let index = Int.random(in: 0..<damaged.count, using: &source)
                switch Int.random(in: 0..<3, using: &source) {
                case 0: damaged[index] = .random(in: 0...255, using: &source)
                case 1: damaged.remove(at: index)
                default: damaged.insert(.random(in: 0...255, using: &source), at: index)
                }
            }
            _ = try? JSONValue(parsing: damaged)
        }
        for length in 0..<text.count {
            #expect(throws: (any Error).self) { try JSONValue(parsing: Array(text[..<length])) }
        }
    }
}
