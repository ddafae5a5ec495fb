import ChatContracts
import HTTPTypes

/// Decides whether a request is worked on: requests under way, origin, session with its credential version, and what its
/// route costs, in this order. Every request to a declared route is decided here, whether it passes the router or not, so
/// both ways have the same rules.
///
/// Deciding never waits and needs no server. Thread-safe.
struct Admission: Sendable {
    /// A request that is worked on. Whoever has one calls ``Admission/leave(_:)`` once when it is answered.
    struct Admitted: Sendable {
        var authentication: GatewayContext.Authentication
        /// Why a form must not be carried out, only shown again.
        var refusal: Problem?
        /// The user who has one more request under way because of it.
        fileprivate var countedUser: UserID?
    }

    enum Decision: Sendable {
        case made(Result<Admitted, Problem>)
        /// The session has to be looked up first. The request has its place among those under way, so one of
        /// ``Admission/decide(_:_:from:)-(Authentication,_,_)`` and ``Admission/abandon()`` has to follow.
        case needsSession(SessionKey)
    }

    let origins: SameOrigin
    let authentication: SessionAuthentication
    let limits: RouteLimits
    let inFlight: InFlightLimit
    let userInFlight: UserInFlightLimit

    /// Decides as far as that is possible without waiting.
    ///
    /// - Parameter address: The address that the request counts for if nobody is signed in.
    func decide(_ request: HTTPRequest, _ cost: RouteCost, from address: String) -> Decision {
        guard inFlight.enter() else { return .made(.failure(.tooManyInFlight)) }
        guard cost.limit != .asset else { return .made(decide(.anonymous, cost, from: address)) }
        guard origins.allows(request, cost.limit) else {
            inFlight.leave()
            return .made(.failure(limits.refusalByAddress(address) ?? .crossOrigin))
        }
        switch authentication.identify(request.headerFields) {
        case .known(let known): return .made(decide(known, cost, from: address))
        case .needsLookUp(let key): return .needsSession(key)
        }
    }

    /// Decides when it is known who asks.
    func decide(
        _ authentication: GatewayContext.Authentication, _ cost: RouteCost, from address: String
    ) -> Result<Admitted, Problem> {
        var admitted = Admitted(authentication: authentication)
        if cost.countsInFlight, case .session(let session) = authentication {
            guard userInFlight.enter(session.user) else {
                inFlight.leave()
                return .failure(.tooManyAtOnce)
            }
            admitted.countedUser = session.user
        }
        do throws(Problem) {
            admitted.refusal = try take(cost, authentication, address)
            return .success(admitted)
        } catch {
            leave(admitted)
            return .failure(error)
        }
    }

    /// Takes what the route costs. A form whose allowance is used up costs an ordinary request, and is shown again.
    private func take(
        _ cost: RouteCost, _ authentication: GatewayContext.Authentication, _ address: String
    ) throws(Problem) -> Problem? {
        do throws(Problem) {
            try limits.take(cost.limit, authentication, from: address)
            return nil
        } catch {
            guard cost.isForm else { throw error }
            try limits.take(.ordinary, authentication, from: address)
            return error
        }
    }

    /// The request is answered.
    func leave(_ admitted: Admitted) {
        if let user = admitted.countedUser { userInFlight.leave(user) }
        inFlight.leave()
    }

    /// A request whose session was not looked up is not worked on here.
    func abandon() { inFlight.leave() }
}

extension Admission {
    /// The same for whoever can wait for a session to be looked up. Throws the problem if the request is refused.
    func admit(_ request: HTTPRequest, _ cost: RouteCost, from address: String) async throws(Problem) -> Admitted {
        switch decide(request, cost, from: address) {
        case .made(let result): return try result.get()
        case .needsSession(let key):
            let found = await authentication.lookUp(key, request.headerFields)
            return try decide(found, cost, from: address).get()
        }
    }
}

extension Problem {
    fileprivate static let tooManyInFlight = Problem(
        .serviceUnavailable, .busy, "The server is busy; try again in a moment.", retryAfter: 1)
    fileprivate static let tooManyAtOnce = Problem(
        .tooManyRequests, .tooManyRequests, "Too many requests at the same time; wait for an answer.", retryAfter: 1)
}
