import ChatContracts
import JSON

/// A response of the messages service that names users, passed on without being decoded: one look for whom it names, and
/// their accounts behind the rest.
struct NamedUsers {
    private let json: [UInt8]
    /// Every member, sender and maker of an invitation, and whom lines about groups, reactions and quotes name.
    let users: Set<UserID>

    /// - Parameter json: one JSON object, and nothing behind it
    /// - Throws: an internal error if it is not
    init(_ json: [UInt8]) throws(Problem) {
        do throws(JSONScanner.Malformed) {
            guard json.last == UInt8(ascii: "}") else { throw JSONScanner.Malformed() }
            var users: Set<UserID> = []
            var scanner = JSONScanner(json[...])
            try Self.collect(&scanner, into: &users)
            try scanner.end()
            self.json = json
            self.users = users
        } catch {
            throw .internalError
        }
    }

    /// The same with a further field `users`, the accounts by their ids.
    func adding(from directory: UserDirectory, context: BusContext) async throws(Problem) -> [UInt8] {
        adding(try await directory.users(users, context: context))
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

    /// Collects what stands in fields that name users, wherever they are.
    private static func collect(
        _ scanner: inout JSONScanner, into users: inout Set<UserID>
    ) throws(JSONScanner.Malformed) {
        switch try scanner.kind() {
        case .object:
            try scanner.object { name, scanner throws(JSONScanner.Malformed) in
                switch name {
                case "user", "sender", "createdBy": users.insert(try user(&scanner))
                case "users":
                    try scanner.array { scanner throws(JSONScanner.Malformed) in
                        users.insert(try user(&scanner))
                    }
                // What people have written has no users in it, and is most of the bytes.
                case "text", "formatted": try scanner.skipValue()
                default: try collect(&scanner, into: &users)
                }
            }
        case .array:
            try scanner.array { scanner throws(JSONScanner.Malformed) in try collect(&scanner, into: &users) }
        case .string, .boolean, .null, .number: try scanner.skipValue()
        }
    }

    private static func user(_ scanner: inout JSONScanner) throws(JSONScanner.Malformed) -> UserID {
        guard let user = UserID(hexadecimal: try scanner.plainString()) else { throw JSONScanner.Malformed() }
        return user
    }
}

extension UserDirectory {
    /// A response of the messages service as it came, with the accounts of everybody whom it names.
    func withUsers(_ json: [UInt8], context: BusContext) async throws(Problem) -> [UInt8] {
        try await NamedUsers(json).adding(from: self, context: context)
    }
}
