import ChatContracts
import Synchronization

/// Accounts by id and by username, remembered for seconds: lists of conversations name the same few people again and
/// again. A change that is heard of is seen at once. Bounded.
final class UserDirectory: Sendable {
    private struct Entry {
        var user: User
        var fetched: ContinuousClock.Instant
    }

    private struct State {
        var byID: [UserID: Entry] = [:]
        var idByName: [String: UserID] = [:]
        /// Counts changes, so that a look-up which began before one is not remembered.
        var epoch = 0
    }

    private let requests: any Requests
    private let lifetime: Duration
    private let capacity: Int
    private let state = Mutex(State())

    init(requests: any Requests, lifetime: Duration = .seconds(30), capacity: Int = 20_000) {
        self.requests = requests
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// The accounts with these ids; unknown ones are absent.
    func users(_ ids: Set<UserID>, context: BusContext) async throws(Problem) -> [UserID: User] {
        var found = remembered(ids)
        var missing = ids.filter { found[$0] == nil }.sorted()
        while !missing.isEmpty {
            let part = Array(missing.prefix(200))
            missing.removeFirst(part.count)
            for user in try await lookUp(LookUpUsers(ids: part), context: context) { found[user.id] = user }
        }
        return found
    }

    /// Looks accounts up anew and remembers them; asks nobody for none.
    func lookUp(_ request: LookUpUsers, context: BusContext) async throws(Problem) -> [User] {
        guard !request.ids.isEmpty || !request.usernames.isEmpty else { return [] }
        let epoch = state.withLock { $0.epoch }
        let reply = try await requests.call(request, context: context)
        remember(reply.users, since: epoch)
        return reply.users
    }

    /// Those of the accounts that are remembered.
    func remembered(_ ids: some Sequence<UserID>) -> [UserID: User] {
        let now = ContinuousClock.now
        return state.withLock { state in
            var found: [UserID: User] = [:]
            for id in ids {
                if let entry = state.byID[id], now - entry.fetched < lifetime { found[id] = entry.user }
            }
            return found
        }
    }

    /// The id of the account that was last seen with this username, whatever its case. Usernames do not change, so this
    /// outlasts the account that was remembered with it.
    func id(named name: String) -> UserID? { state.withLock { $0.idByName[name.lowercased()] } }

    /// Asks for people and remembers them like all accounts that come with them.
    func people(_ request: ReadChatPeople, context: BusContext) async throws(Problem) -> ChatPeople {
        let epoch = state.withLock { $0.epoch }
        let reply = try await requests.call(request, context: context)
        remember(reply.accounts, since: epoch)
        if case .value(let people) = reply.people { remember(people.users, since: epoch) }
        return reply
    }

    /// Whether it can be a username at all, so that it is worth a look-up.
    static func isUsername(_ name: String) -> Bool { !name.isEmpty && name.utf8.count <= 64 }

    /// The account with this username, whatever its case; nil if there is none.
    func user(named name: String, context: BusContext) async throws(Problem) -> User? {
        guard Self.isUsername(name) else { return nil }
        let key = name.lowercased()
        if let known = remembered(named: [key]).first { return known }
        let users = try await lookUp(LookUpUsers(usernames: [name]), context: context)
        return users.first { $0.username.lowercased() == key }
    }

    /// The accounts with these usernames, which are in lowercase; unknown ones are absent.
    func users(named names: Set<String>, context: BusContext) async throws(Problem) -> [User] {
        let known = remembered(named: names)
        let missing = names.subtracting(known.map { $0.username.lowercased() })
        let found = try await lookUp(LookUpUsers(usernames: missing.sorted()), context: context)
        return known + found.filter { missing.contains($0.username.lowercased()) }
    }

    /// Those of the accounts with these usernames, which are in lowercase, that are remembered.
    private func remembered(named names: some Sequence<String>) -> [User] {
        let now = ContinuousClock.now
        return state.withLock { state in
            names.compactMap { name in
                guard let id = state.idByName[name], let entry = state.byID[id], now - entry.fetched < lifetime else {
                    return nil
                }
                return entry.user
            }
        }
    }

    /// Looks accounts up anew from now on.
    func invalidate(_ ids: some Sequence<UserID>) {
        state.withLock { state in
            state.epoch += 1
            for id in ids { state.byID[id] = nil }
        }
    }

    /// Forgets everything, because changes may have been missed.
    func clear() {
        state.withLock { state in
            state.epoch += 1
            state.byID.removeAll()
            state.idByName.removeAll()
        }
    }

    private func remember(_ users: [User], since epoch: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard state.epoch == epoch else { return }
            if state.byID.count + users.count > capacity {
                state.byID.removeAll()
                state.idByName.removeAll()
            }
            for user in users {
                state.byID[user.id] = Entry(user: user, fetched: now)
                state.idByName[user.username.lowercased()] = user.id
            }
        }
    }
}
