import ChatContracts
import JSON

/// The body of a bus message that carries events: a header line with their names and recipients, then one line of data
/// for each. Receivers route by the header and never parse the data.
///
/// The header also carries, for every routing key of the message, how many messages the publisher has sent with that
/// key. A receiver that is bound to the key sees every number, so a missing one tells it that something was dropped.
struct EventFrame {
    static let contentType = "application/x-ndjson"

    var events: [EventBatch.Event]
    var publisher: String?
    var serials: [(key: String, serial: UInt64)]

    static func encode(
        _ events: some Collection<OutgoingEvent>, publisher: String, serials: [(key: String, serial: UInt64)]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(64 + 24 * serials.count) { $0 + estimatedSize($1) })
        bytes.append(contentsOf: #"{"events":["#.utf8)
        var first = true
        for event in events {
            bytes.append(contentsOf: first ? #"{"name":"#.utf8 : #",{"name":"#.utf8)
            first = false
            JSONText.append(event.name, to: &bytes)
            bytes.append(contentsOf: #","to":["#.utf8)
            var firstRecipient = true
            for recipient in event.recipients {
                if !firstRecipient { bytes.append(UInt8(ascii: ",")) }
                firstRecipient = false
                bytes.append(UInt8(ascii: "\""))
                recipient.appendHexadecimal(to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "]"))
            if let audience = event.audience { append(audience, to: &bytes) }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(contentsOf: #"],"from":"#.utf8)
        JSONText.append(publisher, to: &bytes)
        bytes.append(contentsOf: #","serials":{"#.utf8)
        first = true
        for (key, serial) in serials {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            JSONText.append(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(serial, to: &bytes)
        }
        bytes.append(contentsOf: "}}\n".utf8)
        for event in events { BodyLines.append(event.data, to: &bytes) }
        return bytes
    }

    private static func append(_ audience: GroupAudience, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #","group":"#.utf8)
        bytes.append(UInt8(ascii: "\""))
        audience.conversation.appendHexadecimal(to: &bytes)
        bytes.append(contentsOf: #"","version":"#.utf8)
        JSONText.append(audience.version, to: &bytes)
        bytes.append(contentsOf: #","from":["#.utf8)
        JSONText.append(audience.historyFrom.lowerBound, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        JSONText.append(audience.historyFrom.upperBound, to: &bytes)
        bytes.append(UInt8(ascii: "]"))
    }

    /// About how many bytes an event takes.
    static func estimatedSize(_ event: OutgoingEvent) -> Int {
        event.data.count + 35 * event.recipients.count + event.name.utf8.count + 24
            + (event.audience == nil ? 0 : 100)
    }

    init(decoding body: [UInt8]) throws(JSONScanner.Malformed) {
        var lines = LineReader(body)
        guard let header = lines.next() else { throw JSONScanner.Malformed() }
        var events: [EventBatch.Event] = []
        var publisher: String?
        var serials: [(key: String, serial: UInt64)] = []
        var scanner = JSONScanner(header)
        try scanner.object { key, scanner throws(JSONScanner.Malformed) in
            switch key {
            case "events":
                try scanner.array { scanner throws(JSONScanner.Malformed) in
                    events.append(try Self.event(&scanner))
                }
            case "from": publisher = try scanner.string()
            case "serials":
                try scanner.object { key, scanner throws(JSONScanner.Malformed) in
                    serials.append((key, try scanner.unsignedInteger()))
                }
            default: try scanner.skipValue()
            }
        }
        try scanner.end()
        for index in events.indices {
            guard let line = lines.next() else { throw JSONScanner.Malformed() }
            events[index].data = line
        }
        self.events = events
        self.publisher = publisher
        self.serials = serials
    }

    private static func event(_ scanner: inout JSONScanner) throws(JSONScanner.Malformed) -> EventBatch.Event {
        var name: String?
        var recipients: [UserID] = []
        var group: ConversationID?
        var version: UInt64 = 0
        var range: [UInt64] = []
        try scanner.object { key, scanner throws(JSONScanner.Malformed) in
            switch key {
            case "name": name = try scanner.string()
            case "to":
                try scanner.array { scanner throws(JSONScanner.Malformed) in
                    guard let user = UserID(hexadecimal: try scanner.plainString()) else {
                        throw JSONScanner.Malformed()
                    }
                    recipients.append(user)
                }
            case "group":
                group = ConversationID(hexadecimal: try scanner.plainString())
                if group == nil { throw JSONScanner.Malformed() }
            case "version": version = try scanner.unsignedInteger()
            case "from":
                try scanner.array { scanner throws(JSONScanner.Malformed) in
                    range.append(try scanner.unsignedInteger())
                }
            default: try scanner.skipValue()
            }
        }
        guard let name else { throw JSONScanner.Malformed() }
        var audience: GroupAudience?
        if let group {
            guard range.count == 2, range[0] <= range[1] else { throw JSONScanner.Malformed() }
            audience = GroupAudience(
                conversation: group, version: Int64(clamping: version),
                historyFrom: Int64(clamping: range[0])...Int64(clamping: range[1]))
        }
        return EventBatch.Event(name: name, recipients: recipients, audience: audience, data: [])
    }
}
