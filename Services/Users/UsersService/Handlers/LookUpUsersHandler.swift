import ChatContracts
import MessageBus
import MongoStore

/// Finds accounts by id or username.
struct LookUpUsersHandler: Sendable {
    static let maximumKeys = 200

    let store: AccountStore

    func callAsFunction(_ request: LookUpUsers, _ context: RequestContext) async throws -> UserList {
        guard request.ids.count + request.usernames.count <= Self.maximumKeys else {
            throw Fault(
                .invalid, "At most \(Self.maximumKeys) accounts can be looked up at once.",
                field: request.ids.count > Self.maximumKeys ? "ids" : "usernames")
        }
        let keys = request.usernames.filter(Username.isWellFormed).map(Username.key(of:))
        return UserList(users: try await store.users(ids: Array(Set(request.ids)), keys: Array(Set(keys))))
    }
}
