import ChatContracts
import MessageBus
import MongoStore

/// Lists accounts page by page, all of them or those whose username begins with a prefix.
struct ListUsersHandler: Sendable {
    let store: AccountStore
    /// Whether there is a list of everybody. Without one it is empty for everybody.
    let isDirectory: Bool

    func callAsFunction(_ request: ListUsers, _ context: RequestContext) async throws -> UserList {
        guard (1...Limits.maximumPageSize).contains(request.limit) else {
            throw Fault(.invalid, "A page has 1 to \(Limits.maximumPageSize) accounts.", field: "limit")
        }
        guard isDirectory, let range = UsernameRange(prefix: request.prefix, after: request.after) else {
            return UserList(users: [])
        }
        // One more than requested shows whether there is a next page.
        var users = try await store.users(in: range, limit: request.limit + 1)
        guard users.count > request.limit else { return UserList(users: users) }
        users.removeLast()
        return UserList(users: users, next: users.last.map { Username.key(of: $0.username) })
    }
}
