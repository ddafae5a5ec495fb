import ChatContracts
import Hummingbird

/// The forms of a conversation's page: sending, saying what was read, and what becomes of a stranger's request.
struct ChatForms: Sendable {
    let pages: ChatPages
    let requests: any Requests
    let directory: UserDirectory
    let sending: MessageSending

    private var readPositions: ReadPositions { ReadPositions(requests: requests) }

    func addRoutes(to routes: LimitedRoutes) {
        for conversation in ChatAddress.routes {
            routes.post(conversation, form: .send) { try await send($0, $1) }
            routes.group(conversation).post("read", .ordinary) { try await markRead($0, $1) }
            routes.group(conversation).post("request", .ordinary) { try await answerRequest($0, $1) }
        }
    }

    private func send(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let address = try context.chatAddress()
        guard let session = try context.session() else { return .signIn(returningTo: address.path) }
        let form = try await FormFields(bodyOf: request)
        let text = form.lines("text")
        let id = form["clientMessageId"].flatMap { ClientMessageID($0) }
        let replyTo = form["replyTo"].flatMap { Int64($0) }
        var target: FormTarget?
        let problem: Problem
        do throws(Problem) {
            let found = try await FormTarget(address, for: session.user, directory, context.bus())
            target = found
            try context.checkAdmission()
            guard let id else { throw .invalid("clientMessageId", "The form is damaged; send it again.") }
            try await send(
                SendMessage(
                    conversation: found.conversation, sender: session.user, clientMessageId: id, text: text,
                    replyTo: replyTo), to: found, context: context)
            // Who answers has read what stood above the form. The message is sent, whatever becomes of this.
            let moved = try? await readPositions.move(
                form, in: found.conversation, session: session, context: context.bus(timeout: .seconds(2)))
            let isFarBehind = moved.map { $0.unread > Int64(ChatPageReader.messagesPerPage) } ?? false
            return .seeOther(isFarBehind ? "\(found.path)?at=newest#newest" : "\(found.path)#newest")
        } catch {
            problem = error
        }
        return await pages.rejected(
            RefusedForm(
                state: replyTo.map { .replying(to: $0) } ?? .writing, text: text, id: id ?? .random(), problem: problem),
            address: address, receiver: target?.receiver, session: session, context: context)
    }

    private func send(
        _ message: SendMessage, to target: FormTarget, context: GatewayContext
    ) async throws(Problem) {
        if let refusal = message.refusal { throw Problem(refusal) }
        do throws(Problem) {
            _ = try await sending.send(message, context: context)
        } catch {
            // Most messages go to a conversation that exists, so it is only made when it turns out not to.
            guard error.code == .notFound, let other = target.user else { throw error }
            _ = try await requests.callRaw(
                OpenDirectConversation(user: message.sender, other: other.id), context: context.bus())
            _ = try await sending.send(message, context: context)
        }
    }

    /// The button that says that its reader has seen what the page shows.
    private func markRead(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let address = try context.chatAddress()
        guard let session = try context.session() else { return .signIn(returningTo: address.path) }
        let form = try await FormFields(bodyOf: request)
        let target = try await FormTarget(address, for: session.user, directory, context.bus())
        _ = try await readPositions.move(form, in: target.conversation, session: session, context: context.bus())
        return .seeOther("\(address.path)#new")
    }

    /// The buttons below the messages of a stranger.
    private func answerRequest(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let address = try context.chatAddress()
        guard let session = try context.session() else { return .signIn(returningTo: address.path) }
        let form = try await FormFields(bodyOf: request)
        let target = try await FormTarget(address, for: session.user, directory, context.bus())
        guard let answer = form["answer"].flatMap(MessageRequest.Answer.init),
            let version = form["version"].flatMap({ Int64($0) }), version >= 0
        else { throw Problem.invalid("answer", "The form is damaged; load the page again.") }
        _ = try await requests.callRaw(
            ChangeConversationSettings(
                conversation: target.conversation, user: session.user, version: version, request: answer),
            context: context.bus())
        return .seeOther(answer == .accepted ? "\(address.path)#newest" : "/chatwith")
    }
}
