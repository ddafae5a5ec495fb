import ChatContracts

/// What is wrong with a command by itself, whatever is stored.
enum CommandRules {
    /// The fault that the command is answered with; nil if it is worth a look at the store.
    static func refusal(of command: LaneCommand) -> LaneAnswer? {
        let fault =
            switch command {
            case .send(let command): command.refusal
            case .open(let command): command.refusal
            case .setPosition(let command): command.refusal
            case .malformed: nil as Fault?
            }
        return fault.map(LaneAnswer.fault)
    }
}
