import ChatContracts

/// The allowances that routes take from, in this process.
final class RouteLimits: Sendable {
    private let users: TokenBuckets<UserID>
    private let passwordChanges: TokenBuckets<UserID>
    private let groupChanges: TokenBuckets<UserID>
    private let anonymous: AddressBuckets
    private let assets: AddressBuckets
    private let sending: MessageSending

    init(configuration: GatewayConfiguration, sending: MessageSending) {
        users = TokenBuckets(rate: configuration.requestRate)
        passwordChanges = TokenBuckets(rate: configuration.passwordChangeRate)
        groupChanges = TokenBuckets(rate: configuration.groupChangeRate)
        anonymous = AddressBuckets(narrow: configuration.anonymousRate)
        assets = AddressBuckets(narrow: configuration.assetRate)
        self.sending = sending
    }

    /// Takes what a request to such a route costs; throws the 429 problem if the allowance is used up.
    func take(
        _ limit: RouteLimit, _ authentication: GatewayContext.Authentication, from address: String
    ) throws(Problem) {
        guard limit != .asset else { return try assets.take(address) }
        guard case .session(let session) = authentication else { return try anonymous.take(address) }
        switch limit {
        case .asset: break
        case .ordinary, .stream, .attempt: try users.take(session.user)
        case .send, .change: try sending.admit(session.user)
        case .passwordChange:
            try users.take(session.user)
            if let wait = passwordChanges.wait(session.user) {
                throw .tooManyRequests(after: wait, "You have changed your password, or tried to, very often.")
            }
        case .groupChange:
            try users.take(session.user)
            if let wait = groupChanges.wait(session.user) {
                throw .tooManyRequests(after: wait, "You have changed groups, or tried to, very often.")
            }
        }
    }

    /// Counts what was refused before anybody asked who sent it.
    ///
    /// - Returns: The 429 problem if the allowance of the address is used up.
    func refusalByAddress(_ address: String) -> Problem? {
        do throws(Problem) {
            try anonymous.take(address)
            return nil
        } catch {
            return error
        }
    }
}
