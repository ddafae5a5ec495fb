import MongoStore
import TestSupport
import Testing

@Suite("Damaged documents")
struct BSONFuzzTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `are refused or read without harm, whatever was changed`(seed: UInt64) throws {
        var random = SeededSource(seed: seed)
        var accepted = 0
        var refused = 0
        for _ in 0..<15_000 {
            var bytes = Self.document(&random, depth: 0).bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&bytes, &random) }
            do {
                let document = try BSONDocument(validating: bytes)
                accepted += 1
                #expect(document.bytes == bytes)
                Self.readEverything(document, depth: 0)
                // What was accepted is whole: writing its elements again loses none.
                let keys = document.elements().filter { !$0.value.isUnread }.map(\.key)
                #expect(BSONDocument { $0.append(contentsOf: document) }.elements().map(\.key) == keys)
            } catch {
                refused += 1
            }
        }
        // Both happen, or the mutations are too weak or too strong to tell anything.
        #expect(accepted > 100)
        #expect(refused > 5000)
    }

    @Test func `are refused at every length that was cut off`() throws {
        var random = SeededSource(seed: 99)
        for _ in 0..<40 {
            let bytes = Self.document(&random, depth: 0).bytes
            _ = try BSONDocument(validating: bytes)
            for length in 0..<bytes.count {
                #expect(throws: BSONError.self) { try BSONDocument(validating: Array(bytes[..<length])) }
            }
            #expect(throws: BSONError.self) { try BSONDocument(validating: bytes + [0]) }
        }
    }

    @Test func `are refused when a text is not UTF-8`() {
        for text: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8], [0xF8, 0x88, 0x80, 0x80]] {
            var body: [UInt8] = [2, 0x61, 0] + Self.littleEndian(text.count + 1) + text + [0]
            body = Self.littleEndian(body.count + 5) + body + [0]
            #expect(throws: BSONError.self) { try BSONDocument(validating: body) }
        }
    }

    @Test func `that were never documents are refused`() {
        var random = SeededSource(seed: 7)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if bytes.count >= 5, Bool.random(using: &random) {
                bytes.replaceSubrange(0..<4, with: Self.littleEndian(bytes.count))
                bytes[bytes.count - 1] = 0
            }
            guard let document = try? BSONDocument(validating: bytes) else { continue }
            Self.readEverything(document, depth: 0)
        }
    }

    private static func littleEndian(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SeededSource) {
        guard bytes.count > 5 else { return bytes.append(.random(in: 0...255, using: &random)) }
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[position] = .random(in: 0...255, using: &random)
        case 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.remove(at: position)
        case 3: bytes.insert(.random(in: 0...255, using: &random), at: position)
        case 4:
            // A length field turned into an extreme one.
            let extremes: [Int] = [0, -1, 1, 4, 0x7FFF_FFFF, -0x8000_0000, bytes.count, bytes.count * 2]
            let start = min(position, bytes.count - 4)
            bytes.replaceSubrange(start..<start + 4, with: littleEndian(extremes.randomElement(using: &random)!))
        case 5:
            bytes[position] = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 127, 255].randomElement(
                using: &random)!
        default:
            // Keeps the outer frame right, so that the damage lies inside.
            bytes.replaceSubrange(0..<4, with: littleEndian(bytes.count))
            bytes[bytes.count - 1] = 0
        }
    }

    private static func document(_ random: inout SeededSource, depth: Int) -> BSONDocument {
        var elements: [(String, BSONElement.Value)] = []
        for index in 0..<Int.random(in: 0...6, using: &random) {
            let value: BSONElement.Value
            switch Int.random(in: 0..<(depth < 4 ? 14 : 12), using: &random) {
            case 0: value = .double(.random(in: -1e9...1e9, using: &random))
            case 1: value = .string(["", "plain", "ünïcödé 🪶", "a\0b"].randomElement(using: &random)!)
            case 2: value = .binary(BSONBinary([1, 2, 3], subtype: .random(in: 0...5, using: &random)))
            case 3: value = .objectID(BSONObjectID(Array(repeating: 3, count: 12))!)
            case 4: value = .bool(.random(using: &random))
            case 5: value = .date(BSONDate(.random(in: 0...2_000_000_000_000, using: &random)))
            case 6: value = .null
            case 7: value = .regex(BSONRegex("^x", options: "i"))
            case 8: value = .int32(.random(in: .min ... .max, using: &random))
            case 9: value = .timestamp(BSONTimestamp(seconds: 1, increment: 2))
            case 10: value = .int64(.random(in: .min ... .max, using: &random))
            case 11: value = .decimal128(BSONDecimal128(high: random.next(), low: random.next()))
            case 12: value = .document(document(&random, depth: depth + 1))
            default: value = .array(document(&random, depth: depth + 1))
            }
            elements.append((["k\(index)", "", "schlüssel"].randomElement(using: &random)!, value))
        }
        return BSONDocument { writer in
            for (key, value) in elements { writer.append(key, value) }
        }
    }

    /// Calls every way of reading on every field.
    private static func readEverything(_ document: BSONDocument, depth: Int) {
        for element in document.elements() {
            let key = element.key
            _ = document.has(key)
            _ = try? document.string(key)
            _ = try? document.int64(key)
            _ = try? document.double(key)
            _ = try? document.bool(key)
            _ = try? document.binary(key)
            _ = try? document.date(key)
            _ = try? document.objectID(key)
            _ = try? document.strings(key)
            _ = try? document.documents(key)
            _ = try? document.optionalString(key)
            switch element.value {
            case .document(let nested), .array(let nested): readEverything(nested, depth: depth + 1)
            default: break
            }
        }
        _ = document.debugDescription
    }
}

extension BSONElement.Value {
    /// Whether it is of a type that the module does not write.
    fileprivate var isUnread: Bool {
        if case .other = self { true } else { false }
    }
}
