/// Reads HTTP/1.1 answers from bytes that arrive in pieces. Knows what a load tool needs and nothing more.
struct ResponseParser {
    enum Piece: Equatable {
        case head(ResponseHead)
        /// A range of the bytes that were given.
        case body(Range<Int>)
        case end
    }

    private enum State {
        case head
        case body(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case end
    }

    /// Heads and lines longer than this are not what a gateway sends.
    private static let longestHead = 64 << 10

    private var state = State.head
    /// The beginning of a head or line whose end has not arrived.
    private var kept: [UInt8] = []

    /// Whether it is between two answers.
    var isIdle: Bool { if case .head = state { kept.isEmpty } else { false } }

    /// The next piece from `position` on; nil if all bytes are used up.
    mutating func next(in bytes: Span<UInt8>, at position: inout Int) throws(WireError) -> Piece? {
        while true {
            switch state {
            case .head:
                guard let head = try head(in: bytes, at: &position) else { return nil }
                if head.isChunked {
                    state = .chunkSize
                } else {
                    state = head.contentLength == 0 ? .end : .body(remaining: head.contentLength)
                }
                return .head(head)
            case .body(let remaining):
                guard let range = take(remaining, of: bytes, at: &position) else { return nil }
                state = range.count == remaining ? .end : .body(remaining: remaining - range.count)
                return .body(range)
            case .chunkSize:
                guard let size = try chunkSize(in: bytes, at: &position) else { return nil }
                state = size == 0 ? .trailer : .chunk(remaining: size)
            case .chunk(let remaining):
                guard let range = take(remaining, of: bytes, at: &position) else { return nil }
                state = range.count == remaining ? .chunkEnd : .chunk(remaining: remaining - range.count)
                return .body(range)
            case .chunkEnd:
                guard let length = try line(in: bytes, at: &position) else { return nil }
                guard length == 0 else { throw WireError("a chunk is longer than it said") }
                state = .chunkSize
            case .trailer:
                guard let length = try line(in: bytes, at: &position) else { return nil }
                if length == 0 { state = .end }
            case .end:
                state = .head
                return .end
            }
        }
    }

    private func take(_ wanted: Int, of bytes: Span<UInt8>, at position: inout Int) -> Range<Int>? {
        let end = min(bytes.count, position + wanted)
        guard end > position else { return nil }
        defer { position = end }
        return position..<end
    }

    private mutating func head(in bytes: Span<UInt8>, at position: inout Int) throws(WireError) -> ResponseHead? {
        if kept.isEmpty {
            if let end = endOfHead(in: bytes, from: position) {
                defer { position = end }
                return try ResponseHead(bytes.extracting(position..<end))
            }
        }
        // Rare: the head is spread over two reads.
        while position < bytes.count {
            kept.append(bytes[position])
            position += 1
            if kept.count >= 4, kept.suffix(4).elementsEqual([13, 10, 13, 10]) {
                defer { kept.removeAll(keepingCapacity: true) }
                return try ResponseHead(kept.span)
            }
            if kept.count > Self.longestHead { throw WireError("an answer's head has no end") }
        }
        return nil
    }

    private func endOfHead(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start + 3
        while index < bytes.count {
            switch bytes[index] {
            case 10:
                if bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 { return index + 1 }
                index += 2
            case 13: index += 1
            default: index += 4
            }
        }
        return nil
    }

    private mutating func chunkSize(in bytes: Span<UInt8>, at position: inout Int) throws(WireError) -> Int? {
        guard try line(in: bytes, at: &position, keep: true) != nil else { return nil }
        defer { kept.removeAll(keepingCapacity: true) }
        var size = 0
        for byte in kept {
            guard let digit = hexadecimalDigit(byte) else {
                if byte == UInt8(ascii: ";") || byte == 13 { break }
                throw WireError("a chunk has no size")
            }
            size = size << 4 | digit
        }
        return size
    }

    /// Passes a line; answers its length without the line end. With `keep`, its bytes are in ``kept`` afterwards.
    private mutating func line(
        in bytes: Span<UInt8>, at position: inout Int, keep: Bool = false
    ) throws(WireError) -> Int? {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 10 {
                let length = kept.last == 13 ? kept.count - 1 : kept.count
                if !keep { kept.removeAll(keepingCapacity: true) }
                return length
            }
            kept.append(byte)
            if kept.count > Self.longestHead { throw WireError("a line has no end") }
        }
        return nil
    }
}

/// What matters of an answer's head.
struct ResponseHead: Equatable {
    var status = 0
    var contentLength = 0
    var isChunked = false
    /// Whether the server closes the connection after this answer.
    var closes = false

    init(_ bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count > 12, bytes[0] == UInt8(ascii: "H"), bytes[8] == 32 else {
            throw WireError("this is not an HTTP answer")
        }
        for index in 9..<12 {
            guard let digit = decimalDigit(bytes[index]) else { throw WireError("an answer has no status") }
            status = status * 10 + digit
        }
        var start = 12
        while start < bytes.count {
            // To the beginning of the next line.
            while start < bytes.count, bytes[start] != 10 { start += 1 }
            start += 1
            if start < bytes.count { readField(bytes, at: start) }
        }
    }

    private mutating func readField(_ bytes: Span<UInt8>, at start: Int) {
        switch bytes[start] | 0x20 {
        case UInt8(ascii: "c"):
            if matches(bytes, start, "content-length:") {
                var index = start + 15
                while index < bytes.count, bytes[index] == 32 { index += 1 }
                contentLength = 0
                while index < bytes.count, let digit = decimalDigit(bytes[index]) {
                    contentLength = contentLength * 10 + digit
                    index += 1
                }
            } else if matches(bytes, start, "connection: close") {
                closes = true
            }
        case UInt8(ascii: "t"): if matches(bytes, start, "transfer-encoding: chunked") { isChunked = true }
        default: break
        }
    }

    private func matches(_ bytes: Span<UInt8>, _ start: Int, _ text: StaticString) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        return unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).enumerated()
            .allSatisfy { index, wanted in
                let byte = bytes[start + index]
                return (65...90).contains(byte) ? byte | 0x20 == wanted : byte == wanted
            }
    }
}

/// Bytes that are not what a gateway may send.
struct WireError: Error, Equatable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

@inline(__always)
func decimalDigit(_ byte: UInt8) -> Int? {
    byte &- 48 < 10 ? Int(byte &- 48) : nil
}

@inline(__always)
func hexadecimalDigit(_ byte: UInt8) -> Int? {
    if let digit = decimalDigit(byte) { return digit }
    let letter = (byte | 0x20) &- 97
    return letter < 6 ? Int(letter) + 10 : nil
}
