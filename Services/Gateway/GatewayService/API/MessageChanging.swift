import ChatContracts
import Metrics

/// Changes messages for the API and for the page's forms. Each reply is the message's JSON as it is after the change.
///
/// The route has admitted the change, by the user's allowance of messages.
struct MessageChanging: Sendable {
    let requests: any Requests
    let directory: UserDirectory
    let deadline: Duration
    private let outcomes = CommandOutcomes(label: "martlet_gateway_changes")

    init(requests: any Requests, directory: UserDirectory, deadline: Duration) {
        self.requests = requests
        self.directory = directory
        self.deadline = deadline
    }

    /// Throws the conflict problem if the text is another one than the edit replaces.
    func edit(_ command: EditMessage, context: GatewayContext) async throws(Problem) -> [UInt8] {
        try await counted { () async throws(Problem) in
            let bus = context.bus(timeout: deadline)
            var command = command
            command.mentions = try await directory.mentions(in: command.text, context: bus)
            let response = try ChangeResponse(try await ask(command, bus))
            guard !response.conflict else { throw .conflict(response.message) }
            return response.message
        }
    }

    func delete(_ command: DeleteMessage, context: GatewayContext) async throws(Problem) -> [UInt8] {
        try await counted { () async throws(Problem) in try await ask(command, context.bus(timeout: deadline)) }
    }

    /// All rounds of a reaction have one deadline together.
    func react(_ reaction: WantedReaction, context: GatewayContext) async throws(Problem) -> [UInt8] {
        try await counted { () async throws(Problem) in
            let end = ContinuousClock.now + deadline
            var rounds = ReactionRounds(seen: reaction.rev)
            while true {
                let bus = context.bus(timeout: max(.milliseconds(1), end - .now))
                let json =
                    reaction.isOn
                    ? try await ask(reaction.setting(rounds.rev), bus)
                    : try await ask(reaction.removing(rounds.rev), bus)
                let response = try ChangeResponse(json)
                guard response.conflict else { return response.message }
                guard rounds.again(afterConflictWith: response.rev), ContinuousClock.now < end else {
                    throw .conflict(response.message)
                }
            }
        }
    }

    private func ask(_ command: some ConversationCommand, _ context: BusContext) async throws(Problem) -> [UInt8] {
        if let refusal = command.refusal { throw Problem(refusal) }
        return try await requests.callRaw(command, context: context)
    }

    private func counted(_ change: () async throws(Problem) -> [UInt8]) async throws(Problem) -> [UInt8] {
        do throws(Problem) {
            let message = try await change()
            outcomes.stored.increment()
            return message
        } catch {
            outcomes.counter(for: error).increment()
            throw error
        }
    }
}

/// Whether somebody wants to have reacted to a message with an emoji.
struct WantedReaction: Sendable {
    var conversation: ConversationID
    var user: UserID
    var seq: Int64
    var emoji: String
    var isOn: Bool
    /// The ``Message/rev`` that the user saw; nil if it does not matter.
    var rev: Int64?

    fileprivate func setting(_ rev: Int64) -> SetReaction {
        SetReaction(conversation: conversation, user: user, seq: seq, rev: rev, emoji: emoji)
    }

    fileprivate func removing(_ rev: Int64) -> RemoveReaction {
        RemoveReaction(conversation: conversation, user: user, seq: seq, rev: rev, emoji: emoji)
    }
}
