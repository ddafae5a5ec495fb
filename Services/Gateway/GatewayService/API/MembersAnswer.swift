import ChatContracts

/// An answer of the messages service in which conversations and their members are described, passed on without being
/// decoded: one look for whom it names, and their accounts behind the rest.
struct MembersAnswer {
    private let json: [UInt8]
    /// Everybody whom the answer names in a field `user`.
    let members: Set<UserID>

    /// - Parameter json: one JSON object without space between its parts and with one field at least
    /// - Throws: an internal error if it is not
    init(_ json: [UInt8]) throws(Problem) {
        guard json.first == UInt8(ascii: "{"), json.last == UInt8(ascii: "}"), json.count > 2 else {
            throw .internalError
        }
        self.json = json
        members = try Self.users(in: json)
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
                    account.name("createdAt")
                    account.string(user.createdAt.description)
                }
            }
        }
        return json.dropLast() + Array(",\"users\":".utf8) + writer.bytes + [UInt8(ascii: "}")]
    }

    /// Goes from string to string: what is in quotes is a name if a colon follows, and nothing within quotes can be
    /// taken for either.
    private static func users(in json: [UInt8]) throws(Problem) -> Set<UserID> {
        let quote = UInt8(ascii: "\"")
        var users: Set<UserID> = []
        var isNext = false
        var place = 0
        while place < json.count {
            guard json[place] == quote else {
                place += 1
                continue
            }
            let start = place + 1
            var end = start
            while end < json.count, json[end] != quote { end += json[end] == UInt8(ascii: "\\") ? 2 : 1 }
            guard end < json.count else { throw .internalError }
            place = end + 1
            if isNext {
                guard let user = UserID(hexadecimal: json[start..<end]) else { throw .internalError }
                users.insert(user)
                isNext = false
            } else {
                isNext =
                    place + 1 < json.count && json[place] == UInt8(ascii: ":") && json[place + 1] == quote
                    && json[start..<end].elementsEqual("user".utf8)
            }
        }
        return users
    }
}
