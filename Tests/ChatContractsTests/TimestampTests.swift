import ChatContracts
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (1_795_424_700_123, "2026-11-23T09:05:00.123Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ])
    func `milliseconds and text belong together`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text) == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        arguments: [
            "", "2026-11-23", "2026-11-23T09:05:00Z", "2026-11-23T09:05:00.12Z", "2026-11-23T09:05:00.123",
            "2026-11-23 09:05:00.123Z", "2026-13-01T00:00:00.000Z", "2026-02-29T00:00:00.000Z",
            "2100-02-29T00:00:00.000Z", "2026-11-23T24:00:00.000Z", "2026-11-23T09:60:00.000Z",
            "2026-11-23T09:05:60.000Z", "2026-11-23T09:05:00.123+", "+026-11-23T09:05:00.123Z",
        ])
    func `any other text is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `random moments survive the round trip, in order`() {
        for _ in 0..<2_000 {
            let one = Timestamp(milliseconds: .random(in: 0...253_402_300_799_999))
            let other = Timestamp(milliseconds: .random(in: 0...253_402_300_799_999))
            #expect(Timestamp(one.description) == one)
            #expect((one < other) == (one.description < other.description))
        }
    }

    @Test func `it is a string in JSON`() throws {
        let json = try JSONEncoder().encode([Timestamp(milliseconds: 5)])
        #expect(String(decoding: json, as: UTF8.self) == #"["1970-01-01T00:00:00.005Z"]"#)
        #expect(try JSONDecoder().decode([Timestamp].self, from: json) == [Timestamp(milliseconds: 5)])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Timestamp].self, from: Data(#"["now"]"#.utf8)) }
    }
}
