import ChatContracts
import FaultHistory
import Synchronization

/// Somebody's account.
struct Account: Sendable {
    var username: String
    var id: UserID

    static let password = "correct horse battery staple"

    struct Credentials: Encodable {
        var username: String
        var password = Account.password
    }
}

/// A session, by the name that the history knows it by.
struct Session: Sendable, Hashable {
    var name: String
    var cookie: String
}

/// A browser in which somebody is signed in. Its tabs share the session.
final class Browser: Sendable {
    let context: RunContext
    let account: Account
    private let state: Mutex<State>

    private struct State {
        var session: Session
        var isRenewing = false
    }

    init(_ context: RunContext, _ account: Account, _ session: Session) {
        self.context = context
        self.account = account
        state = Mutex(State(session: session))
    }

    var session: Session { state.withLock { $0.session } }

    /// Signs in anew because a session was refused that nobody had ended, which is noted and counted.
    func renew(_ refused: Session) async {
        let isMine = state.withLock { state in
            guard state.session == refused, !state.isRenewing else { return false }
            state.isRenewing = true
            return true
        }
        guard isMine else {
            try? await Task.sleep(for: .milliseconds(200))
            return
        }
        context.note("The session \(refused.name) was refused although nobody had ended it.", by: account.username)
        context.count { $0.unexpectedSignOuts += 1 }
        let session = await context.signIn(account.username, gateway: Int.random(in: 0..<8))
        state.withLock { state in
            if let session { state.session = session }
            state.isRenewing = false
        }
    }
}

extension RunContext {
    /// Makes an account, insisting. A repeat after a lost answer may find the name taken: by itself.
    func signUp(_ username: String, gateway first: Int) async -> (Account, Session)? {
        var backoff = Backoff()
        var number = first
        while !Task.isCancelled {
            let (verdict, made) = await trySignUp(username, at: gateway(number))
            if let made { return made }
            if case .refused(409, _, _) = verdict { return await signInAsOwner(username, gateway: number) }
            if verdict.asksForAnotherGateway { number += 1 }
            try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
        }
        return nil
    }

    /// One attempt to make an account.
    func trySignUp(
        _ username: String, at gateway: WorkloadConfiguration.Gateway, by process: String? = nil
    ) async -> (Verdict, (Account, Session)?) {
        var made: (Account, Session)?
        let verdict = await carryOut(
            Operation(
                process: process ?? username, method: "POST", path: "/api/v1/accounts",
                body: body(Account.Credentials(username: username)), gateway: gateway, changes: true),
            invoked: { .signUpInvoked(SignUpInvoked(op: $0, username: username, gateway: gateway.name)) },
            succeeded: { op, answer in
                guard let user = answer.decode(User.self), let cookie = answer.cookie else { return nil }
                let session = Session(name: "\(username)/\(op)", cookie: cookie)
                made = (Account(username: username, id: user.id), session)
                return .signUpAcknowledged(
                    SignUpAcknowledged(op: op, user: user.id.description, session: session.name))
            })
        return (verdict, made)
    }

    /// Signs in, insisting. Nil if cancelled.
    func signIn(_ username: String, gateway first: Int) async -> Session? {
        await signInAsOwner(username, gateway: first)?.1
    }

    private func signInAsOwner(_ username: String, gateway first: Int) async -> (Account, Session)? {
        var backoff = Backoff()
        var number = first
        while !Task.isCancelled {
            let (verdict, made) = await trySignIn(username, at: gateway(number), by: username)
            if let made { return made }
            if verdict.asksForAnotherGateway { number += 1 }
            try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
        }
        return nil
    }

    /// One attempt to sign in.
    func trySignIn(
        _ username: String, at gateway: WorkloadConfiguration.Gateway, by process: String
    ) async -> (Verdict, (Account, Session)?) {
        var made: (Account, Session)?
        let verdict = await carryOut(
            Operation(
                process: process, method: "POST", path: "/api/v1/session",
                body: body(Account.Credentials(username: username)), gateway: gateway, changes: true),
            invoked: { .signInInvoked(SignInInvoked(op: $0, username: username, gateway: gateway.name)) },
            succeeded: { op, answer in
                guard let user = answer.decode(User.self), let cookie = answer.cookie else { return nil }
                let session = Session(name: "\(username)/\(op)", cookie: cookie)
                made = (Account(username: username, id: user.id), session)
                return .signInAcknowledged(
                    SignInAcknowledged(op: op, user: user.id.description, session: session.name))
            })
        return (verdict, made)
    }

    /// Asks something that only a session allows. It needs nothing but the gateway's own knowledge of sessions.
    func probe(
        _ session: Session, of account: Account, at gateway: WorkloadConfiguration.Gateway, by process: String
    ) async -> Verdict {
        await carryOut(
            Operation(
                process: process, method: "GET", path: "/api/v1/sessions", gateway: gateway, cookie: session.cookie,
                changes: false),
            invoked: {
                .requestInvoked(
                    RequestInvoked(
                        op: $0, user: account.id.description, session: session.name, gateway: gateway.name,
                        what: "GET /api/v1/sessions"))
            },
            succeeded: { op, _ in .requestAcknowledged(RequestAcknowledged(op: op)) })
    }

    /// The conversation with somebody, insisting.
    func open(with username: String, as session: Session, gateway first: Int) async -> Conversation? {
        struct Form: Encodable { var username: String }
        var backoff = Backoff()
        var number = first
        while !Task.isCancelled {
            let result = await web.request(
                "POST", "/api/v1/conversations", at: gateway(number), cookie: session.cookie,
                body: body(Form(username: username)))
            if case .success(let answer) = result, answer.isSuccess,
                let conversation = answer.decode(Conversation.self)
            {
                return conversation
            }
            number += 1
            try? await Task.sleep(for: backoff.next(atLeast: Verdict(ofQuestion: result).retryAfter))
        }
        return nil
    }
}
