import ChatContracts
import JSON

/// The body of a bus message that carries replies to one gateway: a header line that names them, then one line of JSON
/// for each reply that is not a fault, in the same order.
struct ReplyFrame {
    static let contentType = "application/x-ndjson"

    enum Outcome: Sendable {
        case value(ArraySlice<UInt8>)
        case fault(Fault)
        /// The header is in order, but this entry cannot be understood.
        case malformed
    }

    var replies: [(correlationID: String, outcome: Outcome)]

    static func encode(_ replies: some Collection<OutgoingReply>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(replies.reduce(16) { $0 + estimatedSize($1) })
        bytes.append(contentsOf: #"{"replies":["#.utf8)
        var first = true
        for reply in replies {
            bytes.append(contentsOf: first ? #"{"id":"#.utf8 : #",{"id":"#.utf8)
            first = false
            JSONText.append(reply.correlationID, to: &bytes)
            if case .fault(let fault) = reply.outcome { append(fault, to: &bytes) }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(contentsOf: "]}\n".utf8)
        for case .value(let line) in replies.lazy.map(\.outcome) { BodyLines.append(line, to: &bytes) }
        return bytes
    }

    /// About how many bytes a reply takes.
    static func estimatedSize(_ reply: OutgoingReply) -> Int {
        let size = 16 + reply.correlationID.utf8.count
        return if case .value(let line) = reply.outcome { size + line.count + 1 } else { size + 256 }
    }

    private static func append(_ fault: Fault, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #","fault":{"code":"#.utf8)
        JSONText.append(fault.code.rawValue, to: &bytes)
        bytes.append(contentsOf: #","message":"#.utf8)
        JSONText.append(fault.message, to: &bytes)
        if let field = fault.field {
            bytes.append(contentsOf: #","field":"#.utf8)
            JSONText.append(field, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    init(decoding body: [UInt8]) throws(JSONScanner.Malformed) {
        var lines = LineReader(body)
        guard let header = lines.next() else { throw JSONScanner.Malformed() }
        var entries: [(id: String, fault: ReportedFault?)] = []
        var scanner = JSONScanner(header)
        try scanner.object { key, scanner throws(JSONScanner.Malformed) in
            guard key == "replies" else { return try scanner.skipValue() }
            try scanner.array { scanner throws(JSONScanner.Malformed) in
                var entry: (id: String?, fault: ReportedFault?)
                try scanner.object { key, scanner throws(JSONScanner.Malformed) in
                    switch key {
                    case "id": entry.id = try scanner.string()
                    case "fault": entry.fault = try ReportedFault(&scanner)
                    default: try scanner.skipValue()
                    }
                }
                guard let id = entry.id else { throw JSONScanner.Malformed() }
                entries.append((id, entry.fault))
            }
        }
        try scanner.end()
        replies = []
        replies.reserveCapacity(entries.count)
        for entry in entries {
            let outcome: Outcome =
                if let fault = entry.fault {
                    fault.value.map(Outcome.fault) ?? .malformed
                } else {
                    lines.next().map(Outcome.value) ?? .malformed
                }
            replies.append((entry.id, outcome))
        }
    }

    /// A fault as another release may have written it.
    private struct ReportedFault {
        /// Nil if the code is not known here.
        let value: Fault?

        init(_ scanner: inout JSONScanner) throws(JSONScanner.Malformed) {
            var code: Fault.Code?
            var message = ""
            var field: String?
            try scanner.object { key, scanner throws(JSONScanner.Malformed) in
                switch key {
                case "code": code = Fault.Code(rawValue: try scanner.string())
                case "message": message = try scanner.string()
                case "field": field = try scanner.null() ? nil : try scanner.string()
                default: try scanner.skipValue()
                }
            }
            value = code.map { Fault($0, message, field: field) }
        }
    }
}
