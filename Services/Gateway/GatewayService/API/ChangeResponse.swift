import ChatContracts
import JSON

/// A ``ChangeReply`` as the messages service wrote it: the message is passed on without being decoded.
struct ChangeResponse {
    /// The message as it is now, in JSON.
    let message: [UInt8]
    /// Whether another change was faster, so that nothing was changed.
    let conflict: Bool
    /// The ``Message/rev`` of the message.
    let rev: Int64

    /// Throws an internal error if it is no such reply.
    init(_ json: [UInt8]) throws(Problem) {
        do throws(JSONScanner.Malformed) {
            var message: ArraySlice<UInt8>?
            var conflict: Bool?
            var scanner = JSONScanner(json[...])
            try scanner.object { name, scanner throws(JSONScanner.Malformed) in
                let value = try scanner.value()
                switch name {
                case "message": message = value
                case "conflict": conflict = value.elementsEqual("true".utf8)
                default: break
                }
            }
            try scanner.end()
            guard let message, let conflict else { throw JSONScanner.Malformed() }
            self.message = Array(message)
            self.conflict = conflict
            rev = try Self.rev(of: message)
        } catch {
            throw .internalError
        }
    }

    private static func rev(of message: ArraySlice<UInt8>) throws(JSONScanner.Malformed) -> Int64 {
        var rev: UInt64?
        var scanner = JSONScanner(message)
        try scanner.object { name, scanner throws(JSONScanner.Malformed) in
            guard name == "rev" else { return try scanner.skipValue() }
            rev = try scanner.unsignedInteger()
        }
        guard let found = rev.flatMap({ Int64(exactly: $0) }) else { throw JSONScanner.Malformed() }
        return found
    }
}
