import ChatContracts

extension SendMessage {
    /// What a body of the API may have.
    static let fields = ["clientMessageId", "text"]

    /// Reads what a client wants to send.
    init(_ body: JSONBody, in conversation: ConversationID, by sender: UserID) throws(Problem) {
        let id = try body.identifier("clientMessageId", as: ClientMessageID.self)
        let text = try body.string("text")
        if let refusal = MessageText.refusal(of: text) { throw Problem(refusal) }
        self.init(conversation: conversation, sender: sender, clientMessageId: id, text: text)
    }
}
