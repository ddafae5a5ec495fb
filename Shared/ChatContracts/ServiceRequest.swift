public import JSON

/// A command or query that one service asks of another, with the type of its answer.
///
/// The bus asks a request for its ``DirectJSON`` and uses `Codable` if there is none.
public protocol ServiceRequest: Codable, Sendable, DirectJSON {
    associatedtype Reply: Codable & Sendable
    /// The name and version that travel in the AMQP `type` property. A change that old receivers would misread gets a
    /// new version; adding an optional field does not.
    static var typeName: String { get }
}

/// Most requests are rare enough for `Codable`.
extension ServiceRequest {
    public var directJSON: [UInt8]? { nil }
    public init?(directJSON text: [UInt8]) { return nil }
}

/// Whether a request changes something.
public enum RequestForm: Sendable, Hashable {
    /// Changes something: kept by the broker until it is done, also when nobody waits for the answer any more.
    case command
    /// Changes nothing: dropped when it is late.
    case query
}

/// A request as it is declared: what it is called, where it goes, and whether it changes something.
public protocol RoutedRequest: ServiceRequest {
    static var form: RequestForm { get }
    /// The queue of the service that carries it out.
    var queue: String { get }
}

/// A request that changes something. It may be delivered more than once, and carrying it out again changes nothing.
public protocol ServiceCommand: RoutedRequest {
    /// What is wrong with the command by itself, whatever is stored; nil if it is worth a look at the store.
    var refusal: Fault? { get }
}

extension ServiceCommand {
    public static var form: RequestForm { .command }
    public var refusal: Fault? { nil }
}

/// A command about an account; all of them go to one queue.
public protocol AccountCommand: ServiceCommand {}

extension AccountCommand {
    public var queue: String { Topology.userCommands }
}

/// A command about a conversation; it goes to the shard of that conversation.
public protocol ConversationCommand: ServiceCommand {
    var conversation: ConversationID { get }
}

extension ConversationCommand {
    public var queue: String { Topology.messageCommands(shard: Topology.shard(of: conversation)) }
}

/// A query that the users service answers.
public protocol UsersQuery: RoutedRequest {}

extension UsersQuery {
    public static var form: RequestForm { .query }
    public var queue: String { Topology.userQueries }
}

/// A query that the messages service answers.
public protocol MessagesQuery: RoutedRequest {}

extension MessagesQuery {
    public static var form: RequestForm { .query }
    public var queue: String { Topology.messageQueries }
}

/// Every command there is, for whoever takes commands of any type, such as dead letters.
public enum ServiceCommands {
    public static let all: [any ServiceCommand.Type] = [
        RegisterUser.self, UpdateProfile.self, ChangePassword.self, OpenDirectConversation.self, SendMessage.self,
        EditMessage.self, DeleteMessage.self, SetReaction.self, RemoveReaction.self, SetPosition.self,
        MarkUnread.self, ChangeConversationSettings.self, CreateGroup.self, AddGroupMembers.self,
        RemoveGroupMember.self, SetGroupRole.self, ChangeGroup.self, CreateInvitation.self, RevokeInvitation.self,
        JoinGroup.self,
    ]

    /// The command of a type's name; nil if there is none.
    public static func type(named name: String) -> (any ServiceCommand.Type)? { all.first { $0.typeName == name } }
}
