import ChatContracts
import Hummingbird
import Logging

/// Signing up, in and out, for the API and for the pages: what both have to do alike.
struct Accounts: Sendable {
    let requests: any Requests
    let sessions: Sessions
    let directory: UserDirectory
    let passwordKey: PasswordPublicKey
    let devices: KnownDevices
    let limits: SignInLimits
    /// Wrong passwords of live sessions, each session for itself.
    let sessionThrottle: SignInThrottle
    let passwordTimeout: Duration = .seconds(10)

    init(
        requests: any Requests, sessions: Sessions, directory: UserDirectory, passwordKey: PasswordPublicKey,
        devices: KnownDevices, limits: SignInLimits, guessingDelay: Duration
    ) {
        sessionThrottle = SignInThrottle(firstDelay: guessingDelay)
        self.passwordKey = passwordKey
        self.requests = requests
        self.sessions = sessions
        self.directory = directory
        self.devices = devices
        self.limits = limits
    }

    struct SignedIn: Sendable {
        var user: User
        var token: SessionToken
        /// Makes the browser known to the account; nil if that is not possible right now.
        var deviceCookie: String?
    }

    /// Makes an account and signs it in.
    func register(
        username: String, displayName: String?, password: String, request: Request, context: GatewayContext
    ) async throws(Problem) -> SignedIn {
        try limits.beginSignUp(from: context.clientAddress)
        let sealed = try seal(password, for: RegisterUser.passwordBinding(username: username), context)
        let account = try await requests.call(
            RegisterUser(id: .random(), username: username, displayName: displayName, password: sealed),
            context: context.bus(timeout: passwordTimeout))
        context.logger.info("An account was made", metadata: ["user": "\(account.user.id)"])
        return try await begin(account, request: request, context: context)
    }

    /// A username that nobody has, much like one that is taken; nil if none is found at once.
    func freeUsername(like name: String, context: GatewayContext) async -> String? {
        for number in ["2", "3", String(Int.random(in: 10...99))] {
            let candidate = name.prefix(32 - number.count) + number
            do throws(Problem) {
                let found = try await directory.user(
                    named: String(candidate), context: context.bus(timeout: .seconds(1)))
                if found == nil { return String(candidate) }
            } catch {
                return nil
            }
        }
        return nil
    }

    /// Checks a password and begins a session.
    func signIn(
        username: String, password: String, request: Request, context: GatewayContext
    ) async throws(Problem) -> SignedIn {
        let sealed = try seal(password, for: SignIn.passwordBinding(username: username), context)
        let device = await devices.recognize(username, in: request.headers)
        let attempt = try limits.beginSignIn(username, device: device, from: context.clientAddress)
        let account: AuthenticatedUser
        do throws(Problem) {
            account = try await requests.call(
                SignIn(username: username, password: sealed), context: context.bus(timeout: passwordTimeout))
        } catch {
            if error.status != .unauthorized { attempt.abandoned() }
            context.logger.info(
                "A sign-in failed", metadata: ["code": "\(error.code.rawValue)", "address": "\(context.clientAddress)"])
            throw error
        }
        attempt.succeeded()
        context.logger.info("A user signed in", metadata: ["user": "\(account.user.id)"])
        return try await begin(account, request: request, context: context)
    }

    func signOut(_ session: Session) async throws(Problem) {
        try await sessions.end([session.key], of: session.user)
    }

    /// Replaces the password, which ends every session, and gives this browser a new one.
    func changePassword(
        current: String, new: String, of session: Session, request: Request, context: GatewayContext
    ) async throws(Problem) -> SignedIn {
        let change = ChangePassword(
            user: session.user,
            currentPassword: try seal(current, for: ChangePassword.currentPasswordBinding(user: session.user), context),
            newPassword: try seal(new, for: ChangePassword.newPasswordBinding(user: session.user), context),
            credentialVersion: session.credentialVersion)
        let attempt = session.key.description
        try sessionThrottle.begin(attempt)
        let account: AuthenticatedUser
        do throws(Problem) {
            account = try await requests.call(
                change,
                context: context.bus(timeout: passwordTimeout))
        } catch {
            if error.status != .unauthorized { sessionThrottle.abandoned(attempt) }
            throw error
        }
        sessionThrottle.succeeded(attempt)
        // First the old ones: if the new session cannot be made, they must be dead all the same.
        await sessions.ended(
            by: CredentialsChanged(user: account.user.id, version: account.credentialVersion))
        return try await begin(account, request: request, context: context)
    }

    /// Changes what others see; nil leaves a part as it is.
    func updateProfile(
        _ session: Session, displayName: String?, about: String?, context: GatewayContext
    ) async throws(Problem) -> User {
        let user = try await requests.call(
            UpdateProfile(user: session.user, displayName: displayName, about: about), context: context.bus())
        directory.invalidate([user.id])
        return user
    }

    /// The account behind a session.
    func user(of session: Session, context: GatewayContext) async throws(Problem) -> User {
        guard let user = try await directory.users([session.user], context: context.bus())[session.user] else {
            throw .notSignedIn
        }
        return user
    }

    private func begin(
        _ account: AuthenticatedUser, request: Request, context: GatewayContext
    ) async throws(Problem) -> SignedIn {
        let old: Session? = if case .session(let session) = context.authentication { session } else { nil }
        let token = try await sessions.begin(
            for: account, agent: browserName(userAgent: request.headers[.userAgent]), replacing: old)
        let deviceCookie = await devices.cookie(remembering: account.user.username, in: request.headers)
        return SignedIn(user: account.user, token: token, deviceCookie: deviceCookie)
    }

    /// Makes a password unreadable for all but the users service: what is on the bus is also in the broker's files.
    private func seal(
        _ password: String, for binding: PasswordBinding, _ context: GatewayContext
    ) throws(Problem) -> SealedPassword {
        do throws(PasswordKeyError) {
            return try passwordKey.seal(password, for: binding)
        } catch {
            context.logger.error("A password cannot be sealed", metadata: ["error": "\(error)"])
            throw .internalError
        }
    }
}
