import ChatContracts
import LogKeys
import Logging
import MessageBus
import MongoStore
import PasswordHashing

/// Checks passwords. An unknown name costs as much as a known one and gets the same reply.
struct SignInHandler: Sendable {
    let store: AccountStore
    let hasher: PasswordHasher
    let keys: PasswordPrivateKeys
    let metrics: UsersMetrics
    let logger: Logger

    func callAsFunction(_ request: SignIn, _ context: RequestContext) async throws -> AuthenticatedUser {
        let password = try keys.open(request.password, for: SignIn.passwordBinding(username: request.username))
        let account: Account? =
            if Username.isWellFormed(request.username) {
                try await store.account(key: Username.key(of: request.username))
            } else {
                nil
            }
        let fits = try await hasher.verifyOrRefuse(
            password, against: account?.passwordHash, timeout: context.timeout)
        guard fits, let account else {
            metrics.count(.signInRefused)
            // The name is not logged: people type passwords into the wrong field.
            logger.info("sign-in refused", metadata: account.map { [LogKey.user: "\($0.id)"] } ?? [:])
            throw Fault(.wrongCredentials, "Wrong username or password.")
        }
        await renew(account, password: password, timeout: context.timeout)
        metrics.count(.signedIn)
        logger.info("signed in", metadata: [LogKey.user: "\(account.id)"])
        return account.authenticated
    }

    /// Replaces a hash made at another cost while the password is at hand. Signing in does not depend on it.
    private func renew(_ account: Account, password: String, timeout: Duration) async {
        guard hasher.needsRehash(account.passwordHash) else { return }
        do {
            let hash = try await hasher.hash(Array(password.utf8), timeout: timeout)
            guard try await store.renewPasswordHash(of: account, with: hash) else { return }
            metrics.count(.passwordRehashed)
            logger.info("password rehashed", metadata: [LogKey.user: "\(account.id)"])
        } catch {
            logger.info(
                "password not rehashed", metadata: [LogKey.user: "\(account.id)", LogKey.error: "\(error)"])
        }
    }
}
