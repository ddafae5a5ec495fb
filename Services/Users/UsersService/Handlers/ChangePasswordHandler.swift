import ChatContracts
import Logging
import MessageBus
import MongoStore
import PasswordHashing

/// Replaces passwords. Whoever asks must know the current one, also with a session.
struct ChangePasswordHandler: Sendable {
    let store: AccountStore
    let hasher: PasswordHasher
    let metrics: UsersMetrics
    let logger: Logger

    /// How often the hash may change under the handler, by another change or a sign-in that renews it, before the
    /// command goes back to its queue.
    private static let attempts = 3

    func callAsFunction(_ request: ChangePassword, _ context: RequestContext) async throws -> User {
        for _ in 0..<Self.attempts {
            guard let account = try await store.account(id: request.user) else { throw Fault.unknownAccount }
            let new = try Password(request.newPassword, username: account.username, field: "newPassword")
            let fits = try await hasher.verifyOrRefuse(
                request.currentPassword, against: account.passwordHash, timeout: context.timeout)
            guard fits else { return try await repeated(account, new) }
            let hash = try await hasher.hashOrRefuse(new.bytes, timeout: context.timeout)
            if try await store.replacePasswordHash(of: account.id, old: account.passwordHash, with: hash) {
                metrics.count(.passwordChanged)
                logger.info("password changed", metadata: [LogKey.user: "\(account.id)"])
                return account.user
            }
        }
        throw ContendedPassword()
    }

    /// If the new password is the account's already, this is the same change again, whose first answer may not have
    /// arrived. It tells a guesser no more than a guess at the current password does.
    private func repeated(_ account: Account, _ new: Password) async throws -> User {
        // Overload is no fault here, because a fault would say that the password was not changed.
        if try await hasher.verify(new.bytes, against: account.passwordHash) { return account.user }
        logger.info("password change refused", metadata: [LogKey.user: "\(account.id)"])
        throw Fault(.wrongCredentials, "The current password is wrong.", field: "currentPassword")
    }
}

/// The stored hash changed every time between reading and replacing it.
struct ContendedPassword: Error, CustomStringConvertible {
    var description: String { "the password is being changed by others at the same time" }
}

extension Fault {
    static let unknownAccount = Fault(.notFound, "There is no such account.")
}
