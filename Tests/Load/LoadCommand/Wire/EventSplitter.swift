/// Cuts the body of a `text/event-stream` into events, each without the empty line at its end.
struct EventSplitter {
    /// An event longer than this is not what a gateway sends.
    private static let longestEvent = 8 << 20

    /// The beginning of an event whose end has not arrived.
    private var kept: [UInt8] = []

    mutating func feed(_ bytes: Span<UInt8>, _ event: (Span<UInt8>) -> Void) throws(WireError) {
        var start = 0
        if !kept.isEmpty {
            var found = false
            while start < bytes.count, !found {
                let byte = bytes[start]
                start += 1
                found = byte == 10 && kept.last == 10
                if !found { kept.append(byte) }
            }
            guard found else {
                if kept.count > Self.longestEvent { throw WireError("an event has no end") }
                return
            }
            kept.removeLast()
            event(kept.span)
            kept.removeAll(keepingCapacity: true)
        }
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == 10, bytes[index - 1] == 10 {
                event(bytes.extracting(start..<(index - 1)))
                start = index + 1
                index = start
            }
            index += 1
        }
        for index in start..<bytes.count { kept.append(bytes[index]) }
    }
}
