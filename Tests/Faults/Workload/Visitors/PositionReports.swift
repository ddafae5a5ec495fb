import ChatContracts
import FaultHistory

/// Tells how far somebody has received and read, now in one tab, now in another.
struct PositionReports: Sendable {
    let context: RunContext
    let tabs: [Tab]
    let perSecond: Double
    let isPaused: @Sendable () -> Bool

    func run() async {
        guard perSecond > 0 else { return }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Double.random(in: 0...2) / perSecond))
                guard !isPaused(), let tab = tabs.randomElement(),
                    let (conversation, newest) = tab.newest.randomElement()
                else {
                    continue
                }
                group.addTask { await report(conversation, newest, of: tab) }
            }
        }
    }

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
