import Testing

@testable import GatewayService

@Suite struct JSONTests {
    private func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
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
        "\"\\ud83d\"", "\"\\ude00\"", "\"\u{1}\"", "1 2", "{\"a\":1,\"a\":2}", "1e999", "[1", "\"\\u12\"",
    ])
    func `what is not JSON is refused`(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test func `a string that is not UTF-8 is refused`() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
    }

    @Test func `deep nesting is refused before it costs the stack`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(JSONValue.maximumDepth)) }
        #expect(throws: JSONSyntaxError.self) { try parse(nested(100_000)) }
    }

    @Test func `damaged texts never crash the parser`() {
        let text = Array(#"{"cursors":{"00":1,"é":[-1.5e3,"\u00e9\n"]},"recent":null}"#.utf8)
        var source = SystemRandomNumberGenerator()
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
    }

    @Test func `what the writer writes the parser reads`() throws {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("text \"é\"")
            writer.string("a\u{0}b\\c\n😀")
            writer.name("inner")
            writer.object {
                $0.name("n"); $0.integer(-7)
            }
            writer.name("last")
            writer.integer(Int64.max)
        }
        let value = try JSONValue(parsing: writer.bytes)
        #expect(value["text \"é\""] == .string("a\u{0}b\\c\n😀"))
        #expect(value["inner"]?["n"] == .integer(-7))
        #expect(value["last"] == .integer(.max))
    }
}
