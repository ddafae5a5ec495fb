import ChatContracts
import FaultHistory

/// Tells how far somebody has received and read, now in one tab, now in another.
struct PositionReports: Sendable {
    let context: RunContext
    let pace: NowAndThen

    func run() async { await pace.run { await report($1, $2, of: $0) } }

    private func report(_ conversation: ConversationID, _ newest: Int64, of tab: Tab) async {
        struct Form: Encodable { var received, read: Int64? }
        // A browser has received what it shows; its owner may have read less.
        let read = Bool.random() ? newest : Bool.random() ? max(0, newest - 3) : nil
        let session = tab.browser.session
        let gateway = context.gateway(Int.random(in: 0..<8))
        _ = await context.carryOut(
            RunContext.Operation(
                process: tab.process, method: "PUT", path: "/api/v1/conversations/\(conversation)/position",
                body: body(Form(received: newest, read: read)), gateway: gateway, cookie: session.cookie,
                changes: true),
            invoked: {
                .positionInvoked(
                    PositionInvoked(
                        op: $0, user: tab.browser.account.id.description, session: session.name,
                        gateway: gateway.name, conversation: conversation.description, received: newest, read: read))
            },
            succeeded: { op, _ in .positionAcknowledged(PositionAcknowledged(op: op)) })
    }
}
