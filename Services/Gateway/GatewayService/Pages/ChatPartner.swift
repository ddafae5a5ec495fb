import ChatContracts
import Hummingbird

/// Whom a conversation is with, as a page shows it.
enum ChatPartner: Sendable {
    case person(User)
    /// Nobody else: notes of the one who is looking.
    case notes(User)
    case group(ConversationID, GroupInfo)

    init(_ user: User, for me: UserID) { self = user.id == me ? .notes(user) : .person(user) }

    /// The partner in a conversation; nil if the account is not among the users.
    init?(in conversation: Conversation, for me: UserID, among users: [UserID: User]) {
        if let group = conversation.group {
            self = .group(conversation.id, group)
        } else if let user = users[conversation.partner(of: me)] {
            self.init(user, for: me)
        } else {
            return nil
        }
    }

    /// The account of a person; nil for a group.
    var user: User? {
        switch self {
        case .person(let user), .notes(let user): user
        case .group: nil
        }
    }

    var isNotes: Bool {
        if case .notes = self { true } else { false }
    }

    var name: String {
        switch self {
        case .person(let user): user.displayName
        case .notes: "Note to self"
        case .group(_, let group): group.name
        }
    }

    /// What stands below the name: a username, or how many members a group has.
    var line: String {
        switch self {
        case .person(let user), .notes(let user): "@\(user.username)"
        case .group(_, let group): Self.members(group.memberCount)
        }
    }

    /// "5 members".
    static func members(_ count: Int) -> String { count == 1 ? "1 member" : "\(counted(count)) members" }

    /// With a comma between thousands.
    private static func counted(_ number: Int) -> String {
        let rest = String(number % 1_000)
        return number < 1_000 ? rest : "\(number / 1_000),\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    var about: String? {
        switch self {
        case .person(let user): user.about
        case .notes: nil
        case .group(_, let group): group.about
        }
    }

    var face: FaceContext {
        switch self {
        case .person(let user), .notes(let user): FaceContext(of: user.id, named: name)
        case .group(let id, _): FaceContext(ofGroup: id, named: name)
        }
    }

    /// What names are searched for.
    var names: [String] { [name] + (user.map { [$0.username] } ?? []) }

    /// The address of the conversation.
    var path: String {
        switch self {
        case .person(let user), .notes(let user): ChatAddress.person(user.username).path
        case .group(let id, _): ChatAddress.group(id).path
        }
    }

    func conversation(for me: UserID) -> ConversationID {
        switch self {
        case .person(let user), .notes(let user): .direct(me, user.id)
        case .group(let id, _): id
        }
    }
}

/// What the address of a conversation names.
enum ChatAddress: Sendable {
    case person(String)
    case group(ConversationID)

    /// The routes of the pages that they lead to.
    static let routes: [RouterPath] = ["chatwithme/:username", "g/:group"]

    var path: String {
        switch self {
        case .person(let username): "/chatwithme/\(FormFields.encoded(username))"
        case .group(let id): "/g/\(id)"
        }
    }
}

extension GatewayContext {
    /// What the address of this request names: a person or a group.
    func chatAddress() throws(Problem) -> ChatAddress {
        if parameters.get("group") != nil { return .group(try identifier("group", as: ConversationID.self)) }
        return .person(try decodedParameter("username"))
    }
}
