import ChatContracts

/// Whether every tab shows everything.
public struct Convergence: Sendable {
    /// What is behind, and why, for people; empty if nothing is.
    public var behind: [String]
    public var isComplete: Bool { behind.isEmpty }
}

/// Compares what tabs show with what a fresh sync tells.
struct ConvergenceCheck: Sendable {
    let context: RunContext
    let population: Population

    /// What is behind right now.
    func behind() async -> [String] {
        let unsent = population.outboxes.joined().filter { $0.count > 0 }
        guard unsent.isEmpty else {
            return unsent.map { "\($0.tab.process) still sends \($0.count) to \($0.conversation)" }
        }
        let heads = await withTaskGroup(of: (Int, [ConversationID: Int64]?).self) { group in
            for (number, host) in population.hosts.enumerated() {
                group.addTask { (number, await self.heads(of: host, gateway: number)) }
            }
            var heads: [UserID: [ConversationID: Int64]] = [:]
            for await (number, known) in group { heads[population.hosts[number].account.id] = known }
            return heads
        }
        var behind: [String] = []
        for tab in population.tabs {
            guard let expected = heads[tab.browser.account.id] else {
                behind.append("\(tab.process): nobody told the heads")
                continue
            }
            if !tab.isAtRest { behind.append("\(tab.process) is not live and in sync") }
            let shown = tab.heads
            for (conversation, head) in expected where shown[conversation] != head {
                behind.append("\(tab.process) shows \(conversation) up to \(shown[conversation] ?? -1) of \(head)")
            }
        }
        return behind
    }

    /// The heads of all conversations of a user; nil if no gateway told them.
    private func heads(of host: Browser, gateway: Int) async -> [ConversationID: Int64]? {
        struct Form: Encodable { var recent = 200 }
        let result = await context.web.request(
            "POST", "/api/v1/sync", at: context.gateway(gateway), cookie: host.session.cookie, body: body(Form()))
        guard case .success(let answer) = result, answer.isSuccess, let sync = answer.decode(SyncResult.self) else {
            return nil
        }
        return Dictionary(sync.conversations.map { ($0.id, $0.head) }) { $1 }
    }
}
