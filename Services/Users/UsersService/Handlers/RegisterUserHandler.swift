import ChatContracts
import Foundation
import LogKeys
import Logging
import MessageBus
import MongoStore
import PasswordHashing

/// Creates accounts. The unique index decides who gets a name; the look-up before it only saves work.
struct RegisterUserHandler: Sendable {
    let store: AccountStore
    let hasher: PasswordHasher
    let keys: PasswordPrivateKeys
    let metrics: UsersMetrics
    let logger: Logger

    func callAsFunction(_ request: RegisterUser, _ context: RequestContext) async throws -> AuthenticatedUser {
        let username = try Username(request.username)
        let displayName = try DisplayName(request.displayName ?? request.username)
        let opened = try keys.open(
            request.password, for: RegisterUser.passwordBinding(username: request.username))
        let password = try Password(opened, username: username.text, field: "password")
        if let known = try await store.account(id: request.id) { return try await repeated(request, password, known) }
        if let holder = try await store.account(key: username.key) {
            // Another delivery of this sign-up may have been handled between the two reads.
            guard holder.id == request.id else { throw taken() }
            return try await repeated(request, password, holder)
        }

        let hash = try await hasher.hashOrRefuse(password.bytes, timeout: context.timeout)
        let account = Account(
            id: request.id, username: username.text, displayName: displayName.text, passwordHash: hash,
            createdAt: .now)
        guard try await store.insert(account) else {
            return try await collided(request, password, key: username.key)
        }
        metrics.count(.registered)
        logger.info("registered", metadata: [LogKey.user: "\(account.id)"])
        return account.authenticated
    }

    /// The same sign-up again: its first reply may not have arrived.
    private func repeated(
        _ request: RegisterUser, _ password: Password, _ known: Account
    ) async throws -> AuthenticatedUser {
        guard known.username == request.username else { throw Self.foreignID }
        // Overload is not a fault here, because a fault would say that the account was not created.
        let isSame = try await hasher.verify(password.bytes, against: known.passwordHash)
        guard isSame else { throw Self.foreignID }
        return known.authenticated
    }

    private static let foreignID = Fault(
        .invalid, "This id belongs to another sign-up. Choose a new one.", field: "id")

    private func collided(
        _ request: RegisterUser, _ password: Password, key: String
    ) async throws -> AuthenticatedUser {
        if let known = try await store.account(id: request.id) { return try await repeated(request, password, known) }
        // An earlier delivery of this sign-up may be stored but not yet by a majority: whether it stays is decided by the
        // time the command is delivered again.
        guard let owner = try await store.owner(key: key), owner != request.id else { throw UndecidedSignUp() }
        throw taken()
    }

    private func taken() -> Fault {
        metrics.count(.usernameTaken)
        return Fault(.usernameTaken, "This username is taken. Choose another.", field: "username")
    }
}

/// Two deliveries of a sign-up overlap; the command is requeued until the outcome of the first is known.
struct UndecidedSignUp: Error, CustomStringConvertible {
    var description: String { "the outcome of an earlier delivery of this sign-up is not known yet" }
}

extension Timestamp {
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}
