import ChatContracts
import HTTPTypes
import Hummingbird

/// Signing up, in and out in pages.
struct EntryPages: Sendable {
    let renderer: PageRenderer
    let accounts: Accounts
    let assets: Assets
    let cookie: SessionCookie

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("/", .ordinary) { try start($0, $1) }
        routes.get("signin", .ordinary) { try showSignIn($0, $1) }
        routes.post("signin", .attempt) { try await signIn($0, $1) }
        routes.get("signup", .ordinary) { try showSignUp($0, $1) }
        routes.post("signup", .attempt) { try await signUp($0, $1) }
        routes.get("logout_chat", .ordinary) { try await confirmLogout($0, $1) }
        routes.post("logout_chat", .ordinary) { try await logout($0, $1) }
    }

    private func start(_ request: Request, _ context: GatewayContext) throws -> Response {
        if try context.session() != nil { return .seeOther("/chatwith") }
        return signInPage(context, reason: reason(request, context))
    }

    private func showSignIn(_ request: Request, _ context: GatewayContext) throws -> Response {
        let next = localPath(FormFields(queryOf: request)["next"])
        if case .session = context.authentication { return .seeOther(next ?? "/chatwith") }
        return signInPage(context, next: next, reason: reason(request, context))
    }

    /// Why there is no session any more, if there was one: the page that noticed says so in the address, and a browser
    /// without a script still has the cookie.
    private func reason(_ request: Request, _ context: GatewayContext) -> PageText? {
        guard case .anonymous = context.authentication else { return nil }
        let isNamed = FormFields(queryOf: request)["reason"] == "ended"
        guard isNamed || cookie.token(in: request.headers) != nil else { return nil }
        return "You were signed out because this session was ended."
    }

    private func signIn(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let form = try await FormFields(bodyOf: request)
        let next = localPath(form["next"])
        do throws(Problem) {
            let signedIn = try await accounts.signIn(
                username: form.text("username"), password: form.text("password"), request: request, context: context)
            var response = Response.seeOther(next ?? "/chatwith")
            response.setCookie(cookie.header(setting: signedIn.token))
            response.setDeviceCookie(signedIn.deviceCookie)
            return response
        } catch {
            return signInPage(context, username: form.text("username"), next: next, problem: error)
        }
    }

    private func signInPage(
        _ context: GatewayContext, username: String = "", next: String? = nil, reason: PageText? = nil,
        problem: Problem? = nil
    ) -> Response {
        let isWrong = problem?.status == .unauthorized
        return renderer.response(
            .signin,
            SignInContext(
                title: "Sign in", assets: assets.version, username: PageText(username), next: PageText(next ?? ""),
                nextQuery: next.map(FormFields.encoded),
                reason: reason, wrong: isWrong ? problem?.context() : nil, error: isWrong ? nil : problem?.context()),
            context.appearance,
            status: problem?.status ?? .ok, retryAfter: problem?.retryAfter)
    }

    private func showSignUp(_ request: Request, _ context: GatewayContext) throws -> Response {
        let next = localPath(FormFields(queryOf: request)["next"])
        if case .session = context.authentication { return .seeOther(next ?? "/chatwith") }
        return signUpPage(context, next: next)
    }

    private func signUp(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let form = try await FormFields(bodyOf: request)
        let next = localPath(form["next"])
        do throws(Problem) {
            let displayName = form.text("displayName")
            let signedIn = try await accounts.register(
                username: form.text("username"), displayName: displayName.isEmpty ? nil : displayName,
                password: form.text("password"), request: request, context: context)
            var response = Response.seeOther(next ?? "/chatwith")
            response.setCookie(cookie.header(setting: signedIn.token))
            response.setDeviceCookie(signedIn.deviceCookie)
            return response
        } catch {
            var problem = error
            if problem.code == .usernameTaken,
                let free = await accounts.freeUsername(like: form.text("username"), context: context)
            {
                problem.detail = "This username is taken. “\(free)” is free."
            }
            return signUpPage(
                context, username: form.text("username"), displayName: form.text("displayName"), next: next,
                problem: problem)
        }
    }

    private func signUpPage(
        _ context: GatewayContext, username: String = "", displayName: String = "", next: String? = nil,
        problem: Problem? = nil
    ) -> Response {
        let isAtField = ["username", "displayName", "password"].contains(problem?.field)
        let words =
            problem?.code == .outcomeUnknown
            ? "No answer came in time. The account may have been made: try to sign in." : nil
        return renderer.response(
            .signup,
            SignUpContext(
                title: "Create an account", assets: assets.version, username: PageText(username),
                displayName: PageText(displayName), next: PageText(next ?? ""),
                nextQuery: next.map(FormFields.encoded), usernameError: problem?.context(ofField: "username"),
                displayNameError: problem?.context(ofField: "displayName"),
                passwordError: problem?.context(ofField: "password"),
                error: isAtField ? nil : problem?.context(words)),
            context.appearance,
            status: problem?.status ?? .ok, retryAfter: problem?.retryAfter)
    }

    private func confirmLogout(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .seeOther("/signin") }
        let me = try? await accounts.user(of: session, context: context)
        return renderer.response(
            .logout,
            PlainContext(title: "Sign out", assets: assets.version, me: PersonContext(session: session, user: me)),
            context.appearance)
    }

    private func logout(_ request: Request, _ context: GatewayContext) async throws -> Response {
        if let session = try context.session() { try await accounts.signOut(session) }
        var response = Response.seeOther("/signin")
        response.setCookie(cookie.headerForgetting)
        response.clearSiteStorage()
        return response
    }
}

extension Response {
    /// Makes the browser delete what the page stored: drafts and messages that wait. Browsers heed it on secure origins
    /// only, so the page's script deletes them, too. Cookies stay, but for the one that the response takes away.
    mutating func clearSiteStorage() { headers[.clearSiteData] = "\"storage\"" }
}

extension HTTPField.Name {
    fileprivate static let clearSiteData = Self("Clear-Site-Data")!
}

extension PersonContext {
    /// The one who is signed in, by what the session knows if the account cannot be looked up.
    init(session: Session, user: User?) {
        if let user {
            self.init(user)
        } else {
            self.init(
                id: session.user.description, username: PageText(session.username),
                displayName: PageText(session.username),
                face: FaceContext(of: session.user, named: session.username))
        }
    }
}
