import Testing

@testable import LoadCommand

@Suite struct ResponseParserTests {
    /// Everything that a parser finds in the bytes, given in pieces of a size.
    private func parse(_ text: String, pieces size: Int) throws -> (heads: [ResponseHead], bodies: [String]) {
        var parser = ResponseParser()
        var heads: [ResponseHead] = []
        var bodies: [String] = []
        var body: [UInt8] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let part = Array(bytes[start..<min(start + size, bytes.count)])
            var position = 0
            while let piece = try parser.next(in: part.span, at: &position) {
                switch piece {
                case .head(let head): heads.append(head)
                case .body(let range): body += part[range]
                case .end:
                    bodies.append(String(decoding: body, as: UTF8.self))
                    body = []
                }
            }
            #expect(position == part.count)
        }
        return (heads, bodies)
    }

    private let plain = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"seq\":123}"
    private let chunked =
        "HTTP/1.1 201 Created\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\nC;x=y\r\n, wonderful \r\n5\r\nworld\r\n0\r\n\r\n"
    private let empty = "HTTP/1.1 204 No Content\r\nConnection: close\r\ncontent-length: 0\r\n\r\n"

    @Test(arguments: 1...40) func `Answers one after the other are found however the bytes are cut`(size: Int) throws {
        let (heads, bodies) = try parse(plain + chunked + empty + plain, pieces: size)
        #expect(heads.map(\.status) == [200, 201, 204, 200])
        #expect(heads.map(\.isChunked) == [false, true, false, false])
        #expect(heads.map(\.closes) == [false, false, true, false])
        #expect(bodies == ["{\"seq\":123}", "hello, wonderful world", "", "{\"seq\":123}"])
    }

    @Test func `The beginning of an answer gives nothing yet`() throws {
        #expect(try parse("HTTP/1.1 200 OK\r\nContent-Len", pieces: 100).heads.isEmpty)
        #expect(try parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", pieces: 100).bodies.isEmpty)
    }

    @Test func `A line feed in a head's field does not end the head`() throws {
        let (heads, bodies) = try parse("HTTP/1.1 200 OK\r\nA: \n\r\nContent-Length: 1\r\n\r\nx", pieces: 1000)
        // The empty line after the stray line feed is no "CR LF CR LF".
        #expect(heads.map(\.contentLength) == [1])
        #expect(bodies == ["x"])
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n"])
    func `What is not HTTP is refused`(text: String) {
        #expect(throws: WireError.self) { try parse(text, pieces: 7) }
    }

    @Test func `A chunk that is longer than it said is refused`() {
        #expect(throws: WireError.self) {
            try parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", pieces: 9)
        }
    }
}
