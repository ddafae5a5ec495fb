import MongoStore
import Testing

@Suite("A document")
struct BSONRoundTripTests {
    @Test func `gives back every type that was written`() throws {
        let nested = BSONDocument { $0.append("inner", "value") }
        let document = BSONDocument { writer in
            writer.append("text", "Grüße, 世界 🐦")
            writer.append("emptyText", "")
            writer.append("withNUL", "a\0b")
            writer.append("int32", Int32.min)
            writer.append("int64", Int64.max)
            writer.append("int", -7)
            writer.append("double", 0.1)
            writer.append("true", true)
            writer.append("false", false)
            writer.append("binary", BSONBinary([0, 1, 255]))
            writer.append("emptyBinary", BSONBinary([]))
            writer.append("uuid", BSONBinary(Array(repeating: 7, count: 16), subtype: 4))
            writer.append("oldBinary", BSONBinary([1, 2], subtype: 2))
            writer.append("date", BSONDate(-62_135_596_800_000))
            writer.append("objectID", BSONObjectID(Array(1...12))!)
            writer.append("null", BSONNull())
            writer.append("timestamp", BSONTimestamp(seconds: .max, increment: 3))
            writer.append("decimal", BSONDecimal128(high: 0x3040_0000_0000_0000, low: 42))
            writer.append("regex", BSONRegex("^a.*", options: "i"))
            writer.append("document", nested)
            writer.append("texts", ["a", "b", "c"])
            writer.append("documents", [nested, BSONDocument()])
            writer.append("nothing", String?.none)
            writer.append("something", Int64?.some(1))
        }
        let read = try BSONDocument(validating: document.bytes)
        #expect(read == document)
        #expect(try read.string("text") == "Grüße, 世界 🐦")
        #expect(try read.string("emptyText") == "")
        #expect(try read.string("withNUL") == "a\0b")
        #expect(try read.int64("int32") == Int64(Int32.min))
        #expect(try read.int64("int64") == .max)
        #expect(try read.int64("int") == -7)
        #expect(try read.double("double") == 0.1)
        #expect(try read.bool("true"))
        #expect(try !read.bool("false"))
        #expect(try read.binary("binary") == [0, 1, 255])
        #expect(try read.binary("emptyBinary") == [])
        #expect(try read.element("uuid") == .binary(BSONBinary(Array(repeating: 7, count: 16), subtype: 4)))
        #expect(try read.element("oldBinary") == .binary(BSONBinary([1, 2], subtype: 2)))
        #expect(try read.date("date") == -62_135_596_800_000)
        #expect(try read.objectID("objectID").bytes == Array(1...12))
        #expect(try read.element("null") == .null)
        #expect(try read.element("timestamp") == .timestamp(BSONTimestamp(seconds: .max, increment: 3)))
        #expect(try read.element("decimal") == .decimal128(BSONDecimal128(high: 0x3040_0000_0000_0000, low: 42)))
        #expect(try read.element("regex") == .regex(BSONRegex("^a.*", options: "i")))
        #expect(try read.document("document") == nested)
        #expect(try read.strings("texts") == ["a", "b", "c"])
        #expect(try read.documents("documents") == [nested, BSONDocument()])
        #expect(!read.has("nothing"))
        #expect(try read.int64("something") == 1)
        #expect(read.elements().count == 23)
    }

    @Test func `rebuilt from its elements has the same bytes`() {
        let document = BSONDocument { writer in
            writer.append("a", 1)
            writer.array("b") { array in
                array.append("x")
                array.document { $0.append("y", true) }
                array.array { $0.append(Int32(3)) }
            }
            writer.append("c", BSONRegex("p", options: "m"))
            writer.append("d", BSONBinary([9], subtype: 128))
        }
        let copy = BSONDocument { $0.append(contentsOf: document) }
        #expect(copy == document)
    }

    @Test func `keeps arrays of more than ten elements in order`() throws {
        let document = BSONDocument { $0.append("n", Array(0..<1200)) }
        #expect(try document.int64s("n") == (0..<1200).map { Int64($0) })
    }

    @Test func `holds documents nested as deep as the server allows, and refuses deeper ones`() throws {
        func nested(_ levels: Int) -> BSONDocument {
            var document = BSONDocument()
            for _ in 1..<levels { document = BSONDocument { $0.append("d", document) } }
            return document
        }
        #expect(throws: Never.self) { try BSONDocument(validating: nested(BSONDocument.maximumDepth).bytes) }
        #expect(throws: BSONError.self) { try BSONDocument(validating: nested(BSONDocument.maximumDepth + 1).bytes) }
        // Deep enough to overflow a stack if validation recursed without a limit.
        var bytes: [UInt8] = [5, 0, 0, 0, 0]
        for _ in 0..<20_000 {
            let length = UInt32(bytes.count + 8)
            bytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + [3, 0x64, 0] + bytes + [0]
            if bytes.count > 200_000 { break }
        }
        #expect(throws: BSONError.self) { try BSONDocument(validating: bytes) }
    }

    @Test func `says what is wrong with a field`() {
        let document = BSONDocument { writer in
            writer.append("text", "1")
            writer.append("fraction", 1.5)
            writer.append("null", BSONNull())
        }
        #expect(code { try document.string("absent") } == .missing)
        #expect(code { try document.int64("text") } == .wrongType)
        #expect(code { try document.string("fraction") } == .wrongType)
        #expect(code { try document.int64("fraction") } == .unrepresentable)
        #expect(code { try document.string("null") } == .wrongType)
        #expect(code { try document.strings("text") } == .wrongType)
    }

    @Test func `treats an absent and a null field alike where the field is optional`() throws {
        let document = BSONDocument { writer in
            writer.append("null", BSONNull())
            writer.append("n", 2.0)
        }
        for key in ["null", "absent"] {
            #expect(try document.optionalString(key) == nil)
            #expect(try document.optionalInt64(key) == nil)
            #expect(try document.optionalBool(key) == nil)
            #expect(try document.optionalDouble(key) == nil)
            #expect(try document.optionalBinary(key) == nil)
            #expect(try document.optionalDate(key) == nil)
            #expect(try document.optionalDocument(key) == nil)
            #expect(try document.optionalDocuments(key) == nil)
        }
        #expect(document.has("null"))
        #expect(!document.has("absent"))
        #expect(try document.optionalInt64("n") == 2)
        #expect(throws: BSONError.self) { try document.optionalString("n") }
    }

    @Test func `tells keys apart that begin alike, and takes the first of equal ones`() throws {
        let document = BSONDocument { writer in
            writer.append("ab", 1)
            writer.append("a", 2)
            writer.append("", 3)
            writer.append("a", 4)
        }
        #expect(try document.int64("a") == 2)
        #expect(try document.int64("ab") == 1)
        #expect(try document.int64("") == 3)
        #expect(!document.has("abc"))
    }

    @Test func `shows its contents only to a debugger`() {
        let document = BSONDocument { $0.append("secret", "swordfish") }
        #expect(!"\(document)".contains("swordfish"))
        #expect(document.debugDescription.contains("swordfish"))
    }

    @Test func `maps to a type and back`() throws {
        struct Bird: BSONMappable, Equatable {
            var name: String
            var wings: Int64

            init(name: String, wings: Int64) {
                self.name = name
                self.wings = wings
            }

            init(bson: BSONDocument) throws(BSONError) {
                name = try bson.string("name")
                wings = try bson.int64("wings")
            }

            func write(to writer: inout BSONWriter) {
                writer.append("name", name)
                writer.append("wings", wings)
            }
        }
        let bird = Bird(name: "martlet", wings: 2)
        #expect(try Bird(bson: bird.bson) == bird)
        let nested = BSONDocument { $0.append("bird", mapping: bird) }
        #expect(try nested.value("bird", as: Bird.self) == bird)
        #expect(code { try Bird(bson: BSONDocument { $0.append("name", "x") }) } == .missing)
    }
}

/// The code of the error that the body throws.
private func code<Value>(_ body: () throws -> Value) -> BSONError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? BSONError)?.code
    }
}
