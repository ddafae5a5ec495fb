import ChatContracts
import Hummingbird

/// The account in a page.
struct AccountPages: Sendable {
    let renderer: PageRenderer
    let accounts: Accounts
    let assets: Assets
    let cookie: SessionCookie

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("account", .ordinary) { try await show($0, $1) }
        routes.post("account", .ordinary) { try await updateProfile($0, $1) }
        routes.post("account/password", form: .passwordChange) { try await changePassword($0, $1) }
        routes.post("account/appearance", .ordinary) { try await changeAppearance($0, $1) }
        routes.post("account/sessions/end", .ordinary) { try await endSessions($0, $1) }
    }

    private func show(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: "/account") }
        return await page(session, context, saved: .init(FormFields(queryOf: request)["saved"]))
    }

    private func updateProfile(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: "/account") }
        let form = try await FormFields(bodyOf: request)
        do throws(Problem) {
            _ = try await accounts.updateProfile(
                session, displayName: form.text("displayName"), about: form["about"], context: context)
            return .seeOther("/account?saved=profile#profile")
        } catch {
            return await page(
                session, context, displayName: form.text("displayName"), about: form["about"], problem: error)
        }
    }

    private func changePassword(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: "/account") }
        let form = try await FormFields(bodyOf: request)
        do throws(Problem) {
            try context.checkAdmission()
            let signedIn = try await accounts.changePassword(
                current: form.text("currentPassword"), new: form.text("newPassword"), of: session, request: request,
                context: context)
            var response = Response.seeOther("/account?saved=password#password")
            response.setCookie(cookie.header(setting: signedIn.token))
            response.setDeviceCookie(signedIn.deviceCookie)
            return response
        } catch {
            // A limit on guesses is about the password that was typed to prove who this is.
            var problem = error
            if problem.code == .tooManyRequests { problem.field = "currentPassword" }
            return await page(session, context, problem: problem)
        }
    }

    private func changeAppearance(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: "/account") }
        let form = try await FormFields(bodyOf: request)
        guard let wanted = Appearance(theme: form.text("theme"), textSize: form.text("textSize")) else {
            let problem = Problem.invalid("theme", "There is no such appearance. Choose a theme and a text size.")
            return await page(session, context, problem: problem)
        }
        var response = Response.seeOther("/account?saved=appearance#appearance")
        response.setCookie(AppearanceCookie(like: cookie).header(setting: wanted))
        return response
    }

    private func endSessions(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: "/account") }
        let form = try await FormFields(bodyOf: request)
        do throws(Problem) {
            if form["others"] != nil {
                try await accounts.sessions.endOthers(of: session.user, except: session.key)
            } else {
                guard let key = form["id"].flatMap({ SessionKey($0) }) else {
                    throw .invalid("id", "There is no such session.")
                }
                try await accounts.sessions.end([key], of: session.user)
                if key == session.key {
                    var response = Response.seeOther("/signin")
                    response.setCookie(cookie.headerForgetting)
                    response.clearSiteStorage()
                    return response
                }
            }
            return .seeOther("/account?saved=sessions#sessions")
        } catch {
            return await page(session, context, problem: error)
        }
    }

    private func page(
        _ session: Session, _ context: GatewayContext, displayName: String? = nil, about: String? = nil,
        saved: AccountContext.SavedContext? = nil, problem: Problem? = nil
    ) async -> Response {
        var problem = problem
        var user: User?
        var sessions: [Session] = []
        do throws(Problem) {
            let all = try await accounts.sessions.list(with: session)
            sessions = all.filter { $0.key == session.key } + all.filter { $0.key != session.key }
            user = try await accounts.user(of: session, context: context)
        } catch {
            problem = problem ?? error
        }
        let isAtField = ["displayName", "about", "currentPassword", "newPassword"].contains(problem?.field)
        let now = Timestamp.now
        return renderer.response(
            .account,
            AccountContext(
                title: "Settings", assets: assets.version, me: PersonContext(session: session, user: user),
                displayName: PageText(displayName ?? user?.displayName ?? session.username),
                displayNameError: problem?.context(ofField: "displayName"),
                about: PageText(about ?? user?.about ?? ""), aboutError: problem?.context(ofField: "about"),
                currentPasswordError: problem?.context(ofField: "currentPassword"),
                newPasswordError: problem?.context(ofField: "newPassword"),
                error: isAtField ? nil : problem?.context(), saved: saved,
                sessions: sessions.map { AccountContext.SessionContext($0, current: session.key, now: now) },
                sessionCount: sessions.count == 1 ? "1 session" : "\(sessions.count) sessions",
                hasOtherSessions: sessions.contains { $0.key != session.key },
                themes: context.appearance.themeChoices, textSizes: context.appearance.textSizeChoices),
            context.appearance, status: problem?.status ?? .ok, retryAfter: problem?.retryAfter)
    }
}

extension Response {
    /// Sends the browser to the sign-in page, from where it comes back to a page.
    static func signIn(returningTo path: String) -> Response {
        guard let next = localPath(path), next != "/chatwith" else { return .seeOther("/signin") }
        return .seeOther("/signin?next=\(FormFields.encoded(next))")
    }
}
