import ChatContracts
import Foundation
import Testing

@Suite struct IdentifierTests {
    private let text = "00112233445566778899aabbccddeeff"

    @Test func `the text form is 32 lowercase hexadecimal digits and reads back`() throws {
        let id = try #require(UserID(text))
        #expect(id.high == 0x0011_2233_4455_6677)
        #expect(id.low == 0x8899_aabb_ccdd_eeff)
        #expect(id.description == text)
        #expect(UserID(hexadecimal: Array(text.utf8)) == id)
        var bytes: [UInt8] = [UInt8(ascii: "<")]
        id.appendHexadecimal(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "<" + text)
    }

    @Test(
        arguments: [
            "", "0", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0",
            "00112233445566778899AABBCCDDEEFF", "00112233-4455-6677-8899-aabbccddee",
            "g0112233445566778899aabbccddeeff",
            " 0112233445566778899aabbccddeeff", "００１１2233445566778899aabbccddeeff",
        ])
    func `any other text is refused`(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test func `bytes are the most significant first and read back`() throws {
        let id = try #require(UserID(text))
        #expect(id.bytes == (0..<16).map { UInt8($0 * 0x11) })
        #expect(UserID(bytes: id.bytes) == id)
        #expect(UserID(bytes: id.bytes.dropLast()) == nil)
        #expect(UserID(bytes: id.bytes + [0]) == nil)
    }

    @Test func `identifiers order like their texts`() {
        for _ in 0..<1_000 {
            let (one, other) = (UserID.random(), UserID.random())
            #expect((one < other) == (one.description < other.description))
            #expect(UserID(one.description) == one)
            #expect(UserID(bytes: one.bytes) == one)
        }
    }

    @Test func `they are strings in JSON, also as keys`() throws {
        let id = try #require(ConversationID(text))
        let json = try JSONEncoder().encode([id: Int64(7)])
        #expect(String(decoding: json, as: UTF8.self) == #"{"00112233445566778899aabbccddeeff":7}"#)
        #expect(try JSONDecoder().decode([ConversationID: Int64].self, from: json) == [id: 7])
        #expect(String(decoding: try JSONEncoder().encode([id]), as: UTF8.self) == "[\"\(text)\"]")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([ConversationID].self, from: Data(#"["zz"]"#.utf8))
        }
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode([ConversationID: Int64].self, from: Data(#"{"zz":1}"#.utf8))
        }
    }
}
