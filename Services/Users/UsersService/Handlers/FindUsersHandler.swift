import ChatContracts
import MessageBus
import MongoStore

/// Finds people by any part of their username or display name.
struct FindUsersHandler: Sendable {
    let store: AccountStore
    /// Whether people can search everybody. Otherwise they find whose whole username they know.
    let isDirectory: Bool

    func callAsFunction(_ request: FindUsers, _ context: RequestContext) async throws -> UserList {
        guard (1...Limits.maximumPageSize).contains(request.limit) else {
            throw Fault(.invalid, "A page has 1 to \(Limits.maximumPageSize) accounts.", field: "limit")
        }
        guard isDirectory else { return UserList(users: try await named(request.text)) }
        guard let search = SearchText(request.text) else { return UserList(users: []) }
        // A username that is the text itself is the first of those that begin with it.
        var found: [User] = []
        if let range = UsernameRange(prefix: search.text, after: nil) {
            found = try await store.users(in: range, limit: request.limit)
        }
        guard found.count < request.limit else { return UserList(users: found) }
        let known = Set(found.map(\.id))
        let others = try await store.users(matching: search, limit: request.limit + found.count)
            .filter { !known.contains($0.id) }
            .prefix(request.limit - found.count)
        return UserList(users: found + others)
    }

    private func named(_ text: String) async throws -> [User] {
        let trimmed = PlainLine.trimmed(text)
        let name = trimmed.hasPrefix("@") ? String(trimmed.dropFirst()) : trimmed
        guard Username.isWellFormed(name) else { return [] }
        return try await store.users(ids: [], keys: [Username.key(of: name)])
    }
}
