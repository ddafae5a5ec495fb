import ChatContracts
import Foundation
import LogKeys
import Logging
import MessageBus
import MongoStore
import PasswordHashing

/// Replaces passwords. A session is not enough: the request must contain the current password.
///
/// The broker confirms the event about a change before the handler replies and the command is acknowledged. If the service
/// dies between the two, the next delivery of the command finds the change made and announces it again.
struct ChangePasswordHandler: Sendable {
    let store: AccountStore
    let hasher: PasswordHasher
    let keys: PasswordPrivateKeys
    let publisher: BusPublisher
    let metrics: UsersMetrics
    let logger: Logger

    /// How often the hash may change under the handler, by another change or a sign-in that renews it, before the
    /// command is requeued.
    private static let attempts = 3

    func callAsFunction(_ request: ChangePassword, _ context: RequestContext) async throws -> AuthenticatedUser {
        let user = request.user
        let current = try keys.open(
            request.currentPassword, for: ChangePassword.currentPasswordBinding(user: user))
        let wanted = try keys.open(request.newPassword, for: ChangePassword.newPasswordBinding(user: user))
        for _ in 0..<Self.attempts {
            guard var account = try await store.account(id: user) else { throw Fault.unknownAccount }
            let new = try Password(wanted, username: account.username, field: "newPassword")
            // The password was changed since: by this command, or by another one, which then has won.
            guard account.credentialVersion <= request.credentialVersion else {
                return try await repeated(account, new)
            }
            let fits = try await hasher.verifyOrRefuse(
                current, against: account.passwordHash, timeout: context.timeout)
            guard fits else { throw refused(account) }
            let hash = try await hasher.hashOrRefuse(new.bytes, timeout: context.timeout)
            if let version = try await store.changePassword(of: account, to: hash) {
                account.credentialVersion = version
                metrics.count(.passwordChanged)
                logger.info("password changed", metadata: [LogKey.user: "\(account.id)"])
                try await announce(account)
                return account.authenticated
            }
        }
        throw ContendedPassword()
    }

    /// If the new password is the account's already, this is the same change again, whose first reply or event may not
    /// have arrived. It tells a guesser no more than a guess at the current password does.
    private func repeated(_ account: Account, _ new: Password) async throws -> AuthenticatedUser {
        // Overload is not a fault here, because a fault would say that the password was not changed.
        guard try await hasher.verify(new.bytes, against: account.passwordHash) else { throw refused(account) }
        try await announce(account)
        return account.authenticated
    }

    private func refused(_ account: Account) -> Fault {
        logger.info("password change refused", metadata: [LogKey.user: "\(account.id)"])
        return Fault(.wrongCredentials, "The current password is wrong.", field: "currentPassword")
    }

    /// Returns when the broker has confirmed the event. If it does not, the command is requeued.
    private func announce(_ account: Account) async throws {
        let change = CredentialsChanged(user: account.id, version: account.credentialVersion)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try await publisher.publish(events: [
            OutgoingEvent(
                name: EventName.credentialsChanged, recipients: [account.id], data: Array(try encoder.encode(change)))
        ])
    }
}

/// The stored hash changed every time between reading and replacing it.
struct ContendedPassword: Error, CustomStringConvertible {
    var description: String { "the password is being changed by other requests at the same time" }
}

extension Fault {
    static let unknownAccount = Fault(.notFound, "There is no such account.")
}
