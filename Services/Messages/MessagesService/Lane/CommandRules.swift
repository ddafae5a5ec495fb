import ChatContracts

/// What is wrong with a command by itself, whatever is stored.
enum CommandRules {
    /// The fault that the command is answered with; nil if it is worth a look at the store.
    static func refusal(of command: LaneCommand) -> LaneAnswer? {
        let fault =
            switch command {
            case .send(let command): refusal(ofText: command.text)
            case .open(let command): refusal(of: command)
            case .setPosition(let command): refusal(of: command)
            case .malformed: nil as Fault?
            }
        return fault.map(LaneAnswer.fault)
    }

    private static func refusal(ofText text: String) -> Fault? {
        if text.allSatisfy(\.isWhitespace) {
            return Fault(.invalid, "A message needs some text.", field: "text")
        }
        // Characters are never more than bytes, so the costly count is for long texts only.
        if text.utf8.count > Limits.messageBytes
            || text.utf8.count > Limits.messageCharacters && text.count > Limits.messageCharacters
        {
            return Fault(
                .invalid,
                "A message has at most \(Limits.messageCharacters) characters and \(Limits.messageBytes) bytes.",
                field: "text")
        }
        return nil
    }

    private static func refusal(of command: OpenDirectConversation) -> Fault? {
        guard command.user == command.other else { return nil }
        return Fault(.invalid, "A conversation needs somebody else.", field: "other")
    }

    private static func refusal(of command: SetPosition) -> Fault? {
        if let received = command.received, received < 0 {
            return Fault(.invalid, "A position is 0 or more.", field: "received")
        }
        if let read = command.read, read < 0 {
            return Fault(.invalid, "A position is 0 or more.", field: "read")
        }
        return nil
    }
}
