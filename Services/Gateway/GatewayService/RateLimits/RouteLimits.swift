import ChatContracts

/// The allowances that routes take from, in this process.
final class RouteLimits: Sendable {
    private let users: TokenBuckets<UserID>
    private let passwordChanges: TokenBuckets<UserID>
    private let anonymous: AddressBuckets
    private let assets: AddressBuckets
    private let sending: MessageSending

    init(configuration: GatewayConfiguration, sending: MessageSending) {
        users = TokenBuckets(rate: configuration.requestRate)
        passwordChanges = TokenBuckets(rate: configuration.passwordChangeRate)
        anonymous = AddressBuckets(narrow: configuration.anonymousRate)
        assets = AddressBuckets(narrow: configuration.assetRate)
        self.sending = sending
    }

    /// Takes what a request to such a route costs; throws the 429 problem if the allowance is used up.
    func admit(_ limit: RouteLimit, _ context: GatewayContext) throws(Problem) {
        guard limit != .asset else { return try assets.take(context.clientAddress) }
        guard case .session(let session) = context.authentication else { return try countByAddress(context) }
        switch limit {
        case .asset: break
        case .ordinary, .attempt: try users.take(session.user)
        case .send: try sending.admit(session.user)
        case .passwordChange:
            try users.take(session.user)
            if let wait = passwordChanges.wait(session.user) {
                throw .tooManyRequests(after: wait, "You have changed your password, or tried to, very often.")
            }
        }
    }

    /// For what was refused before anybody asked who sent it.
    func countByAddress(_ context: GatewayContext) throws(Problem) { try anonymous.take(context.clientAddress) }
}
