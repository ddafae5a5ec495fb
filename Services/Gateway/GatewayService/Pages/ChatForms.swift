import ChatContracts
import Hummingbird

/// The forms of a conversation's page: sending, and saying what was read.
struct ChatForms: Sendable {
    let pages: ChatPages
    let requests: any Requests
    let directory: UserDirectory
    let sending: MessageSending

    private var readPositions: ReadPositions { ReadPositions(requests: requests) }

    func addRoutes(to routes: LimitedRoutes) {
        routes.post("chatwithme/:username", form: .send) { try await send($0, $1) }
        routes.post("chatwithme/:username/read", .ordinary) { try await markRead($0, $1) }
    }

    private func send(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        guard let session = try context.session() else {
            return .signIn(returningTo: "/chatwithme/\(FormFields.encoded(username))")
        }
        let form = try await FormFields(bodyOf: request)
        let text = form.lines("text")
        let id = form["clientMessageId"].flatMap { ClientMessageID($0) }
        let replyTo = form["replyTo"].flatMap { Int64($0) }
        var other: User?
        let problem: Problem
        do throws(Problem) {
            other = try await directory.user(named: username, context: context.bus())
            guard let other else { throw .unknownReceiver(username) }
            try context.checkAdmission()
            guard let id else { throw .invalid("clientMessageId", "The form is damaged; send it again.") }
            try await send(text, id: id, answering: replyTo, to: other, session: session, context: context)
            // Who answers has read what stood above the form. The message is sent, whatever becomes of this.
            let moved = try? await readPositions.move(
                form, with: other, session: session, context: context.bus(timeout: .seconds(2)))
            let isFarBehind = moved.map { $0.unread > Int64(ChatPageReader.messagesPerPage) } ?? false
            let path = "/chatwithme/\(FormFields.encoded(other.username))"
            return .seeOther(isFarBehind ? "\(path)?at=newest#newest" : "\(path)#newest")
        } catch {
            problem = error
        }
        return await pages.rejected(
            RefusedForm(
                state: replyTo.map { .replying(to: $0) } ?? .writing, text: text, id: id ?? .random(), problem: problem),
            username: username, other: other, session: session, context: context)
    }

    private func send(
        _ text: String, id: ClientMessageID, answering replyTo: Int64?, to other: User, session: Session,
        context: GatewayContext
    ) async throws(Problem) {
        let message = SendMessage(
            conversation: .direct(session.user, other.id), sender: session.user, clientMessageId: id, text: text,
            replyTo: replyTo)
        if let refusal = message.refusal { throw Problem(refusal) }
        do throws(Problem) {
            _ = try await sending.send(message, context: context)
        } catch {
            // Most messages go to a conversation that exists, so it is only made when it turns out not to.
            guard error.code == .notFound else { throw error }
            _ = try await requests.callRaw(
                OpenDirectConversation(user: session.user, other: other.id), context: context.bus())
            _ = try await sending.send(message, context: context)
        }
    }

    /// The button that says that its reader has seen what the page shows.
    private func markRead(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let username = try context.decodedParameter("username")
        let path = "/chatwithme/\(FormFields.encoded(username))"
        guard let session = try context.session() else { return .signIn(returningTo: path) }
        let form = try await FormFields(bodyOf: request)
        guard let other = try await directory.user(named: username, context: context.bus()) else {
            throw Problem.unknownReceiver(username)
        }
        _ = try await readPositions.move(form, with: other, session: session, context: context.bus())
        return .seeOther("\(path)#new")
    }
}
