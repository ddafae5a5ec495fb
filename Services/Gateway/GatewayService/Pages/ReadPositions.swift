import ChatContracts

/// Says how far somebody has read, when that person said so with a form. Showing a page never does.
struct ReadPositions: Sendable {
    let requests: any Requests

    /// Moves the position to the form's `readUpTo`, the newest message that its page showed. Positions only move
    /// forward, and never beyond the newest message.
    func move(
        _ form: FormFields, in conversation: ConversationID, session: Session, context: BusContext
    ) async throws(Problem) -> PositionChanged {
        guard let seq = form["readUpTo"].flatMap({ Int64($0) }), seq > 0 else {
            throw .invalid("readUpTo", "The form is damaged; load the page again.")
        }
        return try await requests.call(
            SetPosition(
                conversation: conversation, user: session.user, received: seq, read: seq),
            context: context)
    }
}
