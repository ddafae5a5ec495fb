import ChatContracts
import FaultHistory

/// Tries to get at conversations of others in every way that the API offers. Whatever comes of it is recorded.
struct Stranger: Sendable {
    let browser: Browser
    let conversations: [ConversationID]
    let interval: Double

    private var context: RunContext { browser.context }
    private var process: String { "\(browser.account.username).1" }

    func run() async {
        let tab = Tab(process, browser, gateway: 0)
        await withDiscardingTaskGroup { group in
            group.addTask { await tab.run() }
            group.addTask { await attempt() }
        }
    }

    private func attempt() async {
        var lines = LineGenerator(context.configuration, conversations: 1, part: "stranger")
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Double.random(in: 0.5...1.5) * interval))
            guard !Task.isCancelled, let conversation = conversations.randomElement() else { return }
            let gateway = context.gateway(Int.random(in: 0..<8))
            switch Int.random(in: 0..<4) {
            case 0: await context.read(conversation, as: browser, at: gateway, by: process)
            case 1: await sync(conversation, at: gateway)
            case 2:
                _ = await context.send(
                    lines.draft(), to: conversation, as: browser.account, browser.session, at: gateway, attempt: 1,
                    by: process)
            default: await report(conversation, at: gateway)
            }
        }
    }

    private func sync(_ conversation: ConversationID, at gateway: WorkloadConfiguration.Gateway) async {
        struct Form: Encodable { var cursors: [ConversationID: Int64] }
        let session = browser.session
        _ = await context.carryOut(
            RunContext.Operation(
                process: process, method: "POST", path: "/api/v1/sync",
                body: body(Form(cursors: [conversation: 0])), gateway: gateway, cookie: session.cookie,
                changes: false),
            invoked: {
                .syncInvoked(
                    SyncInvoked(
                        op: $0, user: browser.account.id.description, session: session.name, gateway: gateway.name))
            },
            succeeded: { op, answer in
                guard let result = answer.decode(SyncResult.self) else { return nil }
                for message in result.changes.flatMap(\.messages) {
                    let effect = TabView.Effect(
                        conversation: message.conversation, change: .shown(message), via: .sync)
                    context.history.record(effect.event, by: process)
                }
                let known = result.conversations.map { ($0.id.description, $0.head) }
                return .syncAnswered(
                    SyncAnswered(op: op, cursors: Dictionary(known) { $1 }, more: result.more))
            })
    }

    private func report(_ conversation: ConversationID, at gateway: WorkloadConfiguration.Gateway) async {
        struct Form: Encodable { var read: Int64 }
        let session = browser.session
        _ = await context.carryOut(
            RunContext.Operation(
                process: process, method: "PUT", path: "/api/v1/conversations/\(conversation)/position",
                body: body(Form(read: 1)), gateway: gateway, cookie: session.cookie, changes: true),
            invoked: {
                .positionInvoked(
                    PositionInvoked(
                        op: $0, user: browser.account.id.description, session: session.name, gateway: gateway.name,
                        conversation: conversation.description, read: 1))
            },
            succeeded: { op, _ in .positionAcknowledged(PositionAcknowledged(op: op)) })
    }
}
