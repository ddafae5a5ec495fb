import ChatContracts

extension SendMessage {
    /// What a body of the API may have.
    static let fields = ["clientMessageId", "text", "replyTo"]

    /// Reads what a client wants to send.
    init(_ body: JSONBody, in conversation: ConversationID, by sender: UserID) throws(Problem) {
        let id = try body.identifier("clientMessageId", as: ClientMessageID.self)
        let text = try body.string("text")
        let replyTo = try body.optionalInteger("replyTo", in: 1...Int64.max)
        self.init(conversation: conversation, sender: sender, clientMessageId: id, text: text, replyTo: replyTo)
        if let refusal { throw Problem(refusal) }
    }
}
