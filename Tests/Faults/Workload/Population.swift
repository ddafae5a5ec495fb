import ChatContracts

/// Everybody who lives through the whole run, signed up and in their conversations.
struct Population: Sendable {
    /// Each user's first browser.
    var hosts: [Browser]
    var tabs: [Tab]
    var rooms: [(conversation: ConversationID, members: [Browser])]
    /// For each conversation, the outboxes of its two members.
    var outboxes: [[Outbox]]
    /// For each group, the people who are active in it, the owner first, and the usernames of the others.
    var groups: [(people: [GroupPerson], others: [String])]
    /// Somebody without any conversation.
    var stranger: Browser

    /// Signs everybody up at different gateways, a few at once, and opens the conversations.
    static func settle(_ plan: Plan, _ context: RunContext) async throws -> Population {
        let accounts = try await inParts(plan.usernames.count, atOnce: 8) { number in
            await context.signUp(plan.usernames[number], gateway: number)
        }
        let hosts = accounts.map { Browser(context, $0.0, $0.1) }
        let second = try await inParts(plan.usernames.count, atOnce: 8) { number -> Browser? in
            guard plan.tabs[number] > 1, plan.usesTwoBrowsers[number] else { return hosts[number] }
            let account = hosts[number].account
            return await context.signIn(account.username, gateway: number + 1).map { Browser(context, account, $0) }
        }
        let tabs = hosts.indices.map { number in
            (0..<plan.tabs[number]).map { index in
                Tab(
                    "\(plan.usernames[number]).\(index + 1)", index == 0 ? hosts[number] : second[number],
                    gateway: number + index)
            }
        }
        let conversations = try await inParts(plan.pairs.count, atOnce: 8) { number in
            // From both sides, because either may be the first to write.
            let pair = plan.pairs[number]
            _ = await context.open(
                with: plan.usernames[pair.one], as: hosts[pair.other].session, gateway: number + 1)
            return await context.open(
                with: plan.usernames[pair.other], as: hosts[pair.one].session, gateway: number)
        }
        let groups = try await people(ofGroups: context.configuration.groups, context)
        guard let stranger = await context.signUp("\(context.configuration.run).stranger", gateway: 0) else {
            throw CancellationError()
        }
        return Population(
            hosts: hosts, tabs: tabs.flatMap(\.self),
            rooms: zip(conversations, plan.pairs).map { ($0.id, [hosts[$1.one], hosts[$1.other]]) },
            outboxes: zip(conversations, plan.pairs).enumerated().map { index, entry in
                [entry.1.one, entry.1.other].map { user in
                    Outbox(entry.0.id, tabs[user][index % tabs[user].count], gateway: user + index)
                }
            },
            groups: groups, stranger: Browser(context, stranger.0, stranger.1))
    }

    private static func people(
        ofGroups sizes: [Int], _ context: RunContext
    ) async throws -> [(people: [GroupPerson], others: [String])] {
        var groups: [(people: [GroupPerson], others: [String])] = []
        for (number, size) in sizes.enumerated() {
            let accounts = try await inParts(size, atOnce: 8) { index in
                await context.signUp("\(context.configuration.run).group\(number + 1).\(index)", gateway: index)
            }
            groups.append(
                (
                    accounts.prefix(GroupLife.active).map { GroupPerson(Browser(context, $0.0, $0.1)) },
                    accounts.dropFirst(GroupLife.active).map(\.0.username)
                ))
        }
        return groups
    }

    /// Does something for every number, a few at once, and keeps the order of the results.
    private static func inParts<Value: Sendable>(
        _ count: Int, atOnce: Int, _ body: @Sendable @escaping (Int) async -> Value?
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value?).self) { group in
            var values = [Value?](repeating: nil, count: count)
            for number in 0..<count {
                if number >= atOnce, let (done, value) = try await group.next() { values[done] = value }
                group.addTask { (number, await body(number)) }
            }
            for try await (done, value) in group { values[done] = value }
            let present = values.compactMap(\.self)
            // Who insists gives up only when cancelled.
            guard present.count == count else { throw CancellationError() }
            return present
        }
    }
}
