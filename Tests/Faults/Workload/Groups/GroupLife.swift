import ChatContracts
import FaultHistory
import Foundation

/// A group in which people write while its owner removes some of them and adds them again. Whoever is out tries to get in:
/// at every gateway, in every way.
struct GroupLife: Sendable {
    let context: RunContext
    /// The owner first. They are in no other conversation.
    let people: [GroupPerson]
    /// Who is a member all the time and does nothing, by their usernames.
    let others: [String]
    let number: Int
    let isPaused: @Sendable () -> Bool

    /// People of each group who listen and ask; the others only make it large.
    static let active = 6

    private var owner: GroupPerson { people[0] }

    func run() async {
        await withDiscardingTaskGroup { tasks in
            for (index, person) in people.enumerated() {
                tasks.addTask { await person.listen(from: number + index) }
            }
            guard let group = await make() else { return }
            for (index, person) in people.enumerated() {
                tasks.addTask { await write(person, index, in: group) }
            }
            tasks.addTask { await comeAndGo(in: group) }
        }
    }

    // MARK: The owner

    private struct Form: Encodable {
        var clientMessageId: ClientMessageID
        var name: String?
        var usernames: [String]
    }

    private func make() async -> ConversationID? {
        let form = Form(
            clientMessageId: .random(), name: "group \(number)",
            usernames: people.dropFirst().map(\.browser.account.username) + others)
        var made: ConversationID?
        await insist(from: number) { gateway in
            await owner.ask(
                .create, "POST", "/api/v1/groups", body(form), at: gateway, group: nil,
                id: form.clientMessageId
            ) { op, answer in
                guard let changed = answer.decode(GroupChanged.self) else { return nil }
                made = changed.conversation
                return GroupAnswered(op: op, conversation: changed.conversation.description, seq: changed.line?.seq)
            }
        }
        return made
    }

    private func comeAndGo(in group: ConversationID) async {
        var turn = number
        while !Task.isCancelled {
            await pause(0.5...3)
            guard !Task.isCancelled else { return }
            guard !isPaused() else { continue }
            let person = people[Int.random(in: 1..<people.count)]
            turn += 1
            guard await remove(person, from: group, turn) else { return }
            await withDiscardingTaskGroup { tasks in
                // What is written now, nobody who was removed may get, however the answer and the events have travelled.
                tasks.addTask { await tryEverything(as: person, in: group) }
                await pause(0.2...3)
            }
            guard await add(person, to: group, turn) else { return }
            await person.look(.history, into: group, at: context.gateway(turn))
        }
    }

    private func remove(_ person: GroupPerson, from group: ConversationID, _ turn: Int) async -> Bool {
        await insist(from: turn) { gateway in
            await owner.ask(
                .remove, "DELETE", "/api/v1/conversations/\(group)/members/\(person.id)", at: gateway, group: group,
                subjects: [person.id]
            ) { op, answer in
                answer.decode(GroupChanged.self).map {
                    GroupAnswered(op: op, conversation: group.description, seq: $0.line?.seq)
                }
            }
        }
    }

    private func add(_ person: GroupPerson, to group: ConversationID, _ turn: Int) async -> Bool {
        let form = Form(clientMessageId: .random(), usernames: [person.browser.account.username])
        return await insist(from: turn) { gateway in
            await owner.ask(
                .add, "POST", "/api/v1/conversations/\(group)/members", body(form), at: gateway, group: group,
                subjects: [person.id]
            ) { op, answer in
                answer.decode(GroupChanged.self).map {
                    GroupAnswered(op: op, conversation: group.description, seq: $0.line?.seq)
                }
            }
        }
    }

    // MARK: The others

    private func tryEverything(as person: GroupPerson, in group: ConversationID) async {
        for gateway in context.configuration.gateways.shuffled() {
            for what in [GroupAsked.What.history, .sync, .members] where !Task.isCancelled {
                await person.look(what, into: group, at: gateway)
            }
            guard !Task.isCancelled else { return }
            _ = await person.send(Draft(id: .random(), text: "let me in"), to: group, at: gateway)
        }
    }

    /// Writes now and then, and looks at what is there. Whoever is no member any more is refused, and tries again later.
    private func write(_ person: GroupPerson, _ index: Int, in group: ConversationID) async {
        var count = 0
        while !Task.isCancelled {
            await pause(0.3...1.7)
            guard !Task.isCancelled else { return }
            guard !isPaused() else { continue }
            count += 1
            let draft = Draft(id: .random(), text: "\(person.process) \(count)")
            await insist(from: index + count) { await person.send(draft, to: group, at: $0) }
            if count.isMultiple(of: 10) {
                await person.look(.history, into: group, at: context.gateway(index + count))
            }
        }
    }

    /// Tries until it is done or refused for good.
    ///
    /// - Returns: whether it is done.
    @discardableResult
    private func insist(
        from first: Int, _ attempt: (WorkloadConfiguration.Gateway) async -> Verdict
    ) async -> Bool {
        var turn = first
        var backoff = Backoff()
        while !Task.isCancelled {
            let verdict = await attempt(context.gateway(turn))
            if case .success = verdict { return true }
            guard verdict.isTransient || verdict.isSignedOut else { return false }
            if verdict.asksForAnotherGateway { turn += 1 }
            try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
        }
        return false
    }

    private func pause(_ seconds: ClosedRange<Double>) async {
        try? await Task.sleep(for: .seconds(Double.random(in: seconds)))
    }
}
