import ChatContracts

/// A request that knows where it goes and whether it changes something.
protocol RoutedRequest: ServiceRequest {
    var queue: String { get }
    static var form: RequestForm { get }
}

enum RequestForm {
    /// Changes something: never dropped for being late.
    case command
    /// Changes nothing.
    case query
}

/// What the gateway asks of the other services. Failures are ``Problem`` values: a fault with its status, `unavailable`
/// if the request surely was not executed, `outcome-unknown` for a command that may have been.
protocol Requests: Sendable {
    func call<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> R.Reply
    /// The reply's JSON as the service wrote it.
    func callRaw<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> [UInt8]
    /// The same for a caller without a task: `completion` is called once, on any thread, and must not block.
    func callRaw<R: RoutedRequest>(
        _ request: R, context: BusContext, completion: @escaping @Sendable (Result<[UInt8], Problem>) -> Void)
}

extension RegisterUser: RoutedRequest {
    var queue: String { Topology.userCommands }
    static var form: RequestForm { .command }
}
extension UpdateProfile: RoutedRequest {
    var queue: String { Topology.userCommands }
    static var form: RequestForm { .command }
}
extension ChangePassword: RoutedRequest {
    var queue: String { Topology.userCommands }
    static var form: RequestForm { .command }
}
extension SignIn: RoutedRequest {
    var queue: String { Topology.userSignIns }
    static var form: RequestForm { .query }
}
extension LookUpUsers: RoutedRequest {
    var queue: String { Topology.userQueries }
    static var form: RequestForm { .query }
}
extension ListUsers: RoutedRequest {
    var queue: String { Topology.userQueries }
    static var form: RequestForm { .query }
}
extension FindUsers: RoutedRequest {
    var queue: String { Topology.userQueries }
    static var form: RequestForm { .query }
}
extension ReadChatPeople: RoutedRequest {
    var queue: String { Topology.userQueries }
    static var form: RequestForm { .query }
}
extension ReadCredentialVersions: RoutedRequest {
    var queue: String { Topology.userQueries }
    static var form: RequestForm { .query }
}
extension SendMessage: RoutedRequest {
    var queue: String { Topology.messageCommands(shard: Topology.shard(of: conversation)) }
    static var form: RequestForm { .command }
}
extension OpenDirectConversation: RoutedRequest {
    var queue: String { Topology.messageCommands(shard: Topology.shard(of: .direct(user, other))) }
    static var form: RequestForm { .command }
}
extension SetPosition: RoutedRequest {
    var queue: String { Topology.messageCommands(shard: Topology.shard(of: conversation)) }
    static var form: RequestForm { .command }
}
extension GetConversation: RoutedRequest {
    var queue: String { Topology.messageQueries }
    static var form: RequestForm { .query }
}
extension ListConversations: RoutedRequest {
    var queue: String { Topology.messageQueries }
    static var form: RequestForm { .query }
}
extension ReadHistory: RoutedRequest {
    var queue: String { Topology.messageQueries }
    static var form: RequestForm { .query }
}
extension ReadChatPage: RoutedRequest {
    var queue: String { Topology.messageQueries }
    static var form: RequestForm { .query }
}
extension SyncChanges: RoutedRequest {
    var queue: String { Topology.messageQueries }
    static var form: RequestForm { .query }
}
extension RecentHeads: RoutedRequest {
    var queue: String { Topology.messageQueries }
    static var form: RequestForm { .query }
}
