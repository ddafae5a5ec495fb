import ChatContracts
import Hummingbird

/// The forms with which people change messages without a script.
struct MessageForms: Sendable {
    let pages: ChatPages
    let directory: UserDirectory
    let changing: MessageChanging

    func addRoutes(to routes: LimitedRoutes) {
        for conversation in ChatAddress.routes {
            let messages = routes.group(conversation).group("messages/:seq")
            messages.post("edit", form: .change) { try await edit($0, $1) }
            messages.post("delete", form: .change) { try await delete($0, $1) }
            messages.post("react", form: .change) { try await react($0, $1) }
        }
    }

    /// What a change is about, for all of them the same.
    private struct Subject {
        var session: Session
        var conversation: ConversationID
        var seq: Int64
    }

    private func edit(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await respond(to: request, context, state: { .editing($0) }) { form, subject throws(Problem) in
            guard let rev = Self.rev(in: form) else {
                throw .invalid("rev", "The form is damaged; load the page again.")
            }
            _ = try await changing.edit(
                EditMessage(
                    conversation: subject.conversation, user: subject.session.user, seq: subject.seq, rev: rev,
                    text: form.lines("text")),
                context: context)
        }
    }

    private func delete(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await respond(to: request, context, state: { .deleting($0) }) { _, subject throws(Problem) in
            _ = try await changing.delete(
                DeleteMessage(conversation: subject.conversation, user: subject.session.user, seq: subject.seq),
                context: context)
        }
    }

    private func react(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await respond(to: request, context, state: { .reacting(to: $0) }) { form, subject throws(Problem) in
            _ = try await changing.react(
                WantedReaction(
                    conversation: subject.conversation, user: subject.session.user, seq: subject.seq,
                    emoji: form.text("emoji"), isOn: form["wanted"] != "off"),
                context: context)
        }
    }

    /// Carries a change out and shows its message, or shows the form again.
    private func respond(
        to request: Request, _ context: GatewayContext, state: (Int64) -> ComposerState,
        _ change: (FormFields, Subject) async throws(Problem) -> Void
    ) async throws -> Response {
        let address = try context.chatAddress()
        guard let session = try context.session() else { return .signIn(returningTo: address.path) }
        let seq = try context.messageNumber()
        let form = try await FormFields(bodyOf: request)
        var target: FormTarget?
        do throws(Problem) {
            let found = try await FormTarget(address, for: session.user, directory, context.bus())
            target = found
            try context.checkAdmission()
            try await change(form, Subject(session: session, conversation: found.conversation, seq: seq))
            return .seeOther("\(found.path)?at=\(seq)#m\(seq)")
        } catch {
            let refused = RefusedForm(
                state: state(seq), text: form.lines("text"), replaces: Self.rev(in: form), problem: error)
            return await pages.rejected(
                refused, address: address, receiver: target?.receiver, session: session, context: context)
        }
    }

    private static func rev(in form: FormFields) -> Int64? { form["rev"].flatMap { Int64($0) } }
}
