import ChatContracts
import FaultHistory

/// Asks, as a client would that was away for a while, for what happened after some earlier number. Its answers show
/// whether catching up from there is exact.
struct CatchUps: Sendable {
    let context: RunContext
    let process: String
    /// Every conversation with the browsers of its members.
    let rooms: [(conversation: ConversationID, members: [Browser])]

    /// How many numbers back somebody was away, at most.
    private static let distance: Int64 = 150

    func run() async {
        while !Task.isCancelled {
            guard let room = rooms.randomElement(), let member = room.members.randomElement() else { return }
            var head: Int64 = 0
            await context.read(
                room.conversation, as: member, at: context.gateway(Int.random(in: 0..<8)), by: process, limit: 1
            ) { head = $0.head }
            if head > 0 {
                await catchUp(room.conversation, member, from: max(0, head - .random(in: 1...Self.distance)))
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500)))
        }
    }

    private func catchUp(_ conversation: ConversationID, _ member: Browser, from cursor: Int64) async {
        struct Form: Encodable {
            var cursors: [ConversationID: Int64]
            var recent = 1
        }
        let session = member.session
        let gateway = context.gateway(Int.random(in: 0..<8))
        _ = await context.carryOut(
            RunContext.Operation(
                process: process, method: "POST", path: "/api/v1/sync",
                body: body(Form(cursors: [conversation: cursor])), gateway: gateway, cookie: session.cookie,
                changes: false),
            invoked: {
                .catchUpInvoked(
                    CatchUpInvoked(
                        op: $0, user: member.account.id.description, session: session.name, gateway: gateway.name,
                        conversation: conversation.description, cursor: cursor))
            },
            succeeded: { op, answer in
                guard let result = answer.decode(SyncResult.self) else { return nil }
                let changes = result.changes.first { $0.conversation == conversation }
                return .catchUpAnswered(
                    CatchUpAnswered(
                        op: op, cursor: changes?.cursor ?? cursor, reset: changes?.reset ?? false,
                        messages: changes?.messages.map(SeenMessage.init) ?? []))
            })
    }
}
