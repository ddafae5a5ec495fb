import ChatContracts
import JSON

/// An answer of the messages service in which conversations and their members are described, passed on without being
/// decoded: one look for whom it names, and their accounts behind the rest.
struct MembersResponse {
    private let json: [UInt8]
    /// Every member of the answer's conversations.
    let members: Set<UserID>

    /// - Parameter json: one JSON object with a field `conversations`, and nothing behind it
    /// - Throws: an internal error if it is not
    init(_ json: [UInt8]) throws(Problem) {
        do throws(JSONScanner.Malformed) {
            guard json.last == UInt8(ascii: "}"), let members = try Self.members(in: json) else {
                throw JSONScanner.Malformed()
            }
            self.json = json
            self.members = members
        } catch {
            throw .internalError
        }
    }

    /// The same with a further field `users`, the accounts by their ids.
    func adding(_ users: [UserID: User]) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + 256 * users.count)
        writer.object { object in
            for user in users.values {
                object.name(user.id.description)
                object.object { account in
                    account.name("id")
                    account.string(user.id.description)
                    account.name("username")
                    account.string(user.username)
                    account.name("displayName")
                    account.string(user.displayName)
                    if let about = user.about {
                        account.name("about")
                        account.string(about)
                    }
                    account.name("createdAt")
                    account.string(user.createdAt.description)
                }
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + writer.bytes.count + 16)
        bytes.append(contentsOf: json.dropLast())
        bytes.append(contentsOf: ",\"users\":".utf8)
        bytes.append(contentsOf: writer.bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Nil if the answer has no conversations, not even none.
    private static func members(in json: [UInt8]) throws(JSONScanner.Malformed) -> Set<UserID>? {
        var members: Set<UserID>?
        var scanner = JSONScanner(json[...])
        try scanner.object { name, scanner throws(JSONScanner.Malformed) in
            guard name == "conversations" else { return try scanner.skipValue() }
            var found: Set<UserID> = []
            try scanner.array { scanner throws(JSONScanner.Malformed) in
                try collectMembers(ofConversation: &scanner, into: &found)
            }
            members = found
        }
        try scanner.end()
        return members
    }

    private static func collectMembers(
        ofConversation scanner: inout JSONScanner, into members: inout Set<UserID>
    ) throws(JSONScanner.Malformed) {
        try scanner.object { name, scanner throws(JSONScanner.Malformed) in
            guard name == "members" else { return try scanner.skipValue() }
            try scanner.array { scanner throws(JSONScanner.Malformed) in
                try scanner.object { name, scanner throws(JSONScanner.Malformed) in
                    guard name == "user" else { return try scanner.skipValue() }
                    guard let user = UserID(hexadecimal: try scanner.plainString()) else {
                        throw JSONScanner.Malformed()
                    }
                    members.insert(user)
                }
            }
        }
    }
}
