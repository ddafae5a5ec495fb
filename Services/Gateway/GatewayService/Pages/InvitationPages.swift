import ChatContracts
import Hummingbird

/// Where the link of an invitation leads: what the group is, and a button to join it.
struct InvitationPages: Sendable {
    let requests: any Requests
    let directory: UserDirectory
    let renderer: PageRenderer
    let assets: Assets

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("join/:id/:token", .groupChange) { try await show($0, $1) }
        routes.post("join/:id/:token", form: .groupChange) { try await join($0, $1) }
    }

    private func show(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else {
            return .signIn(returningTo: request.head.path ?? "/chatwith")
        }
        return await page(session, context)
    }

    private func join(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let session = try context.session() else { return .signIn(returningTo: request.uri.path) }
        _ = try await FormFields(bodyOf: request)
        do throws(Problem) {
            let (conversation, token) = try context.invitation()
            try context.checkAdmission()
            _ = try await requests.call(
                JoinGroup(
                    // Whoever presses the button twice is a member the second time.
                    conversation: conversation, user: session.user, clientMessageId: .random(), token: token),
                context: context.bus())
            return .seeOther("/c/\(conversation)")
        } catch {
            return await page(session, context, problem: error)
        }
    }

    private func page(_ session: Session, _ context: GatewayContext, problem: Problem? = nil) async -> Response {
        var page = InvitationContext(
            title: "Invitation", assets: assets.version, me: PersonContext(session: session, user: nil))
        var problem = problem
        do throws(Problem) {
            let (conversation, token) = try context.invitation()
            let preview = try await requests.call(
                ReadInvitation(user: session.user, conversation: conversation, token: token), context: context.bus())
            if preview.isMember { return .seeOther("/c/\(conversation)") }
            // Who invites is worth a word, and not worth failing for.
            let host = try? await directory.users([preview.createdBy], context: context.bus())[preview.createdBy]
            page.group = InvitationContext.GroupContext(
                preview, path: "/join/\(conversation)/\(token)", host: host ?? nil)
        } catch {
            problem = problem ?? error
        }
        page.error = problem?.context()
        return renderer.response(
            .invitation, page, context.appearance, status: problem?.status ?? .ok, retryAfter: problem?.retryAfter)
    }
}

struct InvitationContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
    /// Nil if the invitation opens nothing.
    var group: GroupContext?
    var error: ProblemContext?

    struct GroupContext {
        var name: PageText
        var groupAbout: PageText?
        var face: FaceContext
        /// "5 members".
        var members: String
        /// Who made the invitation; nil if that is not known.
        var host: PageText?
        var showsHistory: Bool
        /// Where the form goes.
        var action: String

        init(_ preview: InvitationPreview, path: String, host: User?) {
            name = PageText(preview.name)
            groupAbout = preview.about.map { PageText($0) }
            face = FaceContext(ofGroup: preview.conversation, named: preview.name)
            members = ChatPartner.members(preview.memberCount)
            self.host = host.map { PageText($0.displayName) }
            showsHistory = preview.showsHistory
            action = path
        }
    }
}
