import ChatContracts
import MongoStore

/// A conversation that is written into the database directly, in the form of docs/data-model.md.
struct Filling: Sendable {
    let conversation: ConversationID
    let one: UserID
    let other: UserID
    let count: Int64

    private static let start: Int64 = 1_750_000_000_000

    /// Texts of 100 bytes that are not all alike, so that they compress like what people write.
    private static let texts: [String] = {
        let words = """
            the of and to in is you that it he was for on are as with his they at be this have from or one had by word \
            but not what all were we when your can said there use an each which she do how their if will up other about \
            out many then them these so some her would make like him into time has look two more write go see number
            """.split(whereSeparator: \.isWhitespace)
        var source = SystemRandomNumberGenerator()
        return (0..<1024).map { _ in
            var text = ""
            while text.utf8.count < 100 {
                text += words[Int(source.next() % UInt64(words.count))]
                text += " "
            }
            return String(text.prefix(100))
        }
    }()

    private func sender(of seq: Int64) -> UserID { seq % 2 == 1 ? one : other }

    /// Spread as random ones are, and the same whenever it is asked for.
    private func id(of seq: Int64) -> ClientMessageID {
        let mixed = (UInt64(bitPattern: seq) ^ conversation.low) &* 0xD6E8_FEB8_6659_FD93
        return ClientMessageID(high: mixed ^ (mixed >> 32), low: UInt64(bitPattern: seq))
    }

    private func text(of seq: Int64) -> String {
        Self.texts[Int(truncatingIfNeeded: (UInt64(bitPattern: seq) &* 0x9E37_79B9_7F4A_7C15) >> 54)]
    }

    func message(_ seq: Int64) -> BSONDocument {
        BSONDocument { writer in
            var id = conversation.bytes
            for shift in stride(from: Int64(56), through: 0, by: -8) {
                id.append(UInt8(truncatingIfNeeded: seq >> shift))
            }
            writer.append("_id", BSONBinary(id))
            writer.append("c", BSONBinary(conversation.bytes))
            fields(of: seq, &writer)
        }
    }

    private func fields(of seq: Int64, _ writer: inout BSONWriter) {
        writer.append("r", seq)
        writer.append("s", BSONBinary(sender(of: seq).bytes))
        writer.append("i", BSONBinary(id(of: seq).bytes))
        writer.append("t", text(of: seq))
        writer.append("d", BSONDate(Self.start + seq))
    }

    var document: BSONDocument { document(upTo: count) }

    /// The conversation when it has so many messages.
    func document(upTo head: Int64) -> BSONDocument {
        BSONDocument { writer in
            writer.append("_id", BSONBinary(conversation.bytes))
            writer.append("k", "direct")
            writer.append("h", head)
            writer.append("n", head)
            writer.array("u") { members in
                for (user, sent) in [(one, (head + 1) / 2), (other, head / 2)] {
                    members.document { member in
                        member.append("i", BSONBinary(user.bytes))
                        member.append("s", sent)
                        member.append("f", Int64(0))
                        member.append("r", Int64(0))
                        member.append("v", Int64(0))
                    }
                }
            }
            if head > 0 {
                writer.document("l") { last in
                    last.append("q", head)
                    fields(of: head, &last)
                }
            }
            writer.append("d", BSONDate(Self.start))
            writer.append("a", BSONDate(Self.start + head))
        }
    }
}
