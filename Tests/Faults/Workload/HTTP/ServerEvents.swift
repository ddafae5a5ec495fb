/// Cuts a `text/event-stream` into events, each byte looked at once.
struct ServerEvents: Sendable {
    struct Event: Equatable, Sendable {
        /// `message` if the stream does not say.
        var name: String
        var data: [UInt8]
    }

    /// The longest line and the most data of an event; a stream with more is broken.
    static let limit = 4 << 20

    private var line: [UInt8] = []
    private var afterCarriageReturn = false
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private(set) var isBroken = false

    /// Takes bytes as they come and hands over each event that they complete.
    mutating func take(_ bytes: some Sequence<UInt8>, _ body: (Event) -> Void) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                if !afterCarriageReturn { endLine(body) }
                afterCarriageReturn = false
            case UInt8(ascii: "\r"):
                endLine(body)
                afterCarriageReturn = true
            default:
                afterCarriageReturn = false
                guard line.count + data.count < Self.limit else {
                    isBroken = true
                    return
                }
                line.append(byte)
            }
        }
    }

    private mutating func endLine(_ body: (Event) -> Void) {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            endEvent(body)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            takeField(String(decoding: line, as: UTF8.self), [])
            return
        }
        var value = line[(colon + 1)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        takeField(String(decoding: line[..<colon], as: UTF8.self), value)
    }

    private mutating func takeField(_ field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        default: break
        }
    }

    private mutating func endEvent(_ body: (Event) -> Void) {
        if hasData { body(Event(name: name.isEmpty ? "message" : name, data: data)) }
        name = ""
        data = []
        hasData = false
    }
}
