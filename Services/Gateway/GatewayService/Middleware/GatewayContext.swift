import Hummingbird
import Logging
import MessageBus
import NIOCore

/// What the gateway knows of a request while it works on it.
struct GatewayContext: Hummingbird.RequestContext {
    var coreContext: CoreRequestContextStorage
    let connection: Connection
    /// 32 hexadecimal digits; in every log line of every service about this request, and in problem documents.
    var requestID = ""
    /// W3C trace context that downstream requests continue; nil if nothing traces.
    var traceparent: String?
    /// Who asks, as far as rate limits are concerned: the peer, or the address that a trusted proxy names.
    var clientAddress = ""
    var authentication: Authentication = .anonymous
    /// How pages are to look in the browser that asks.
    var appearance = Appearance()
    /// Why a form must not be carried out, only shown again.
    var refusal: Problem?

    enum Authentication: Sendable {
        /// No cookie, or one whose session does not exist any more.
        case anonymous
        case session(Session)
        /// There is a cookie, but it cannot be checked right now.
        case unknown

        /// The session, or nil if nobody is signed in; throws 503 if that cannot be found out.
        func session() throws(Problem) -> Session? {
            switch self {
            case .anonymous: nil
            case .session(let session): session
            case .unknown: throw .unavailable("The session store")
            }
        }

        /// The session; throws 401 if nobody is signed in.
        func requireSession() throws(Problem) -> Session {
            guard let session = try session() else { throw .notSignedIn }
            return session
        }
    }

    init(source: ApplicationRequestContextSource) {
        self.init(connection: Connection(channel: source.channel), logger: source.logger)
    }

    init(connection: Connection, logger: Logger) {
        coreContext = .init(source: ApplicationRequestContextSource(channel: connection.channel, logger: logger))
        self.connection = connection
    }

    var maxUploadSize: Int { RequestLimits.bodyBytes }

    /// The session, or nil if nobody is signed in; throws 503 if that cannot be found out.
    func session() throws(Problem) -> Session? { try authentication.session() }

    /// The session; throws 401 if nobody is signed in.
    func requireSession() throws(Problem) -> Session { try authentication.requireSession() }

    /// Throws the 429 problem if the allowance of a form is used up.
    func checkAdmission() throws(Problem) {
        if let refusal { throw refusal }
    }

    /// For requests to other services on behalf of this one.
    func bus(timeout: Duration = .seconds(5)) -> BusContext {
        BusContext(requestID: requestID, traceparent: traceparent, timeout: timeout)
    }
}

/// The rest of the chain, as the framework declares it: not on the caller's actor.
typealias Next = @concurrent (Request, GatewayContext) async throws -> Response
