import ChatContracts

extension ChangeConversationSettings {
    /// What a body of the API may have.
    static let fields = [
        "version", "pinned", "muted", "mutedUntil", "tellsMentions", "archived", "archivedThrough", "blocked",
        "request",
    ]

    /// Reads what a client wants to be set.
    init(_ body: JSONBody, of conversation: ConversationID, by user: UserID) throws(Problem) {
        self.init(
            conversation: conversation, user: user,
            version: try body.optionalInteger("version", in: 0...Int64.max) ?? 0,
            pinned: try body.optionalBoolean("pinned"), muted: try body.optionalBoolean("muted"),
            mutedUntil: try body.optionalTime("mutedUntil"),
            tellsMentions: try body.optionalBoolean("tellsMentions"), archived: try body.optionalBoolean("archived"),
            archivedThrough: try body.optionalInteger("archivedThrough", in: 0...Int64.max),
            blocked: try body.optionalBoolean("blocked"), request: try body.answerToRequest())
        if let refusal { throw Problem(refusal) }
    }
}

extension JSONBody {
    fileprivate func answerToRequest() throws(Problem) -> MessageRequest.Answer? {
        guard let text = try optionalString("request") else { return nil }
        guard let answer = MessageRequest.Answer(rawValue: text) else {
            throw .invalid("request", "This has to be accepted or declined.")
        }
        return answer
    }
}
