import Foundation
import JSON
import TestSupport
import Testing

@Suite struct WritingTests {
    private func string(_ text: String, _ escapes: JSONText.Escapes) -> String {
        var bytes: [UInt8] = []
        JSONText.append(text, to: &bytes, escapes: escapes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `strings are escaped as each reader wants them`() {
        let text = "a\"b\\c/\n\r\t\u{0}\u{1f}\u{7f}é😀\u{2028}"
        #expect(
            string(text, .numbers) == "\"a\\\"b\\\\c/\\u000a\\u000d\\u0009\\u0000\\u001f\u{7f}é😀\u{2028}\"")
        #expect(
            string(text, .shortLineFeed) == "\"a\\\"b\\\\c/\\n\\u000d\\u0009\\u0000\\u001f\u{7f}é😀\u{2028}\"")
        #expect(
            string(text, .forPeople) == "\"a\\\"b\\\\c/\\n\\r\\t\\u0000\\u001f\\u007fé😀\u{2028}\"")
        for escapes in [JSONText.Escapes.numbers, .shortLineFeed, .forPeople] {
            #expect(string("", escapes) == "\"\"")
            #expect(string("plain é😀", escapes) == "\"plain é😀\"")
        }
    }

    @Test(arguments: [JSONText.Escapes.numbers, .shortLineFeed, .forPeople])
    func `Foundation and the scanner read every string that is written`(escapes: JSONText.Escapes) throws {
        var source = SeededSource(seed: 11)
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &source) {
                let limit: UInt32 = Bool.random(using: &source) ? 0x80 : 0x11_0000
                if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &source)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            var bytes: [UInt8] = []
            JSONText.append(text, to: &bytes, escapes: escapes)
            #expect(!bytes.contains(UInt8(ascii: "\n")))
            #expect(try JSONDecoder().decode(String.self, from: Data(bytes)).utf8.elementsEqual(text.utf8))
            var scanner = JSONScanner(bytes[...])
            #expect(try scanner.string().utf8.elementsEqual(text.utf8))
        }
    }

    @Test func `numbers, flags and arrays are appended`() {
        var bytes: [UInt8] = []
        JSONText.append([Int64.min, 0, .max], to: &bytes) { JSONText.append($0, to: &$1) }
        JSONText.append([UInt64.max], to: &bytes) { JSONText.append($0, to: &$1) }
        JSONText.append([true, false], to: &bytes) { JSONText.append($0, to: &$1) }
        JSONText.append([Int](), to: &bytes) { JSONText.append($0, to: &$1) }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "[-9223372036854775808,0,9223372036854775807][18446744073709551615][true,false][]")
    }

    @Test func `the writer sets commas and names`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("a\"")
            writer.array { writer in
                writer.integer(1)
                writer.object { _ in }
                writer.array { _ in }
                writer.string("x")
            }
            writer.name("b")
            writer.json(Array("[null]".utf8))
            writer.name("c")
            writer.plainString { $0.append(contentsOf: "2026".utf8) }
            writer.name("d")
            writer.boolean(true)
        }
        writer.endLine()
        writer.integer(2)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a\"":[1,{},[],"x"],"b":[null],"c":"2026","d":true}"# + "\n2")
    }

    @Test func `what the writer writes the parser reads`() throws {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("text \"é\"")
            writer.string("a\u{0}b\\c\n😀")
            writer.name("inner")
            writer.object {
                $0.name("n")
                $0.integer(-7)
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
