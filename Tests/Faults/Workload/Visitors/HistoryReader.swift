import ChatContracts

/// Leafs through histories: from the newest page backwards, or forwards from somewhere.
struct HistoryReader: Sendable {
    let context: RunContext
    let process: String
    /// Every conversation with the browsers of its members.
    let rooms: [(conversation: ConversationID, members: [Browser])]

    func run() async {
        while !Task.isCancelled {
            guard let room = rooms.randomElement(), let member = room.members.randomElement() else { return }
            if Bool.random() {
                await backwards(room.conversation, member)
            } else {
                await forwards(room.conversation, member)
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500)))
        }
    }

    private func backwards(_ conversation: ConversationID, _ member: Browser) async {
        var before: Int64?
        for _ in 0..<3 {
            var first: Int64?
            var hasOlder = false
            await context.read(
                conversation, as: member, at: context.gateway(Int.random(in: 0..<8)), by: process, before: before,
                limit: 30
            ) { page in
                first = page.messages.first?.seq
                hasOlder = page.hasOlder
            }
            guard hasOlder, let first, !Task.isCancelled else { return }
            before = first
        }
    }

    private func forwards(_ conversation: ConversationID, _ member: Browser) async {
        var head: Int64 = 0
        await context.read(
            conversation, as: member, at: context.gateway(Int.random(in: 0..<8)), by: process, limit: 1
        ) { head = $0.head }
        guard head > 0 else { return }
        var after = Int64.random(in: 0..<head)
        for _ in 0..<2 {
            var last: Int64?
            var hasNewer = false
            await context.read(
                conversation, as: member, at: context.gateway(Int.random(in: 0..<8)), by: process, after: after,
                limit: 30
            ) { page in
                last = page.messages.last?.seq
                hasNewer = page.hasNewer
            }
            guard hasNewer, let last, !Task.isCancelled else { return }
            after = last
        }
    }
}
