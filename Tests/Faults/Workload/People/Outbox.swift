import ChatContracts
import FaultHistory
import Synchronization

/// A message that somebody wrote, or a change of one that they want.
struct Draft: Sendable {
    /// Of the message, or of the change.
    var id: ClientMessageID
    /// Of the message, or the new one of a message that is edited.
    var text: String
    var intent = Intent.send
    /// The message that it answers, once that is decided.
    var replyTo: Int64?
}

/// Sends what somebody writes into one conversation from one tab, and the changes that they make there: one at a time, in
/// the order of writing, a message with the same client message id at every attempt, until it is stored.
final class Outbox: Sendable {
    let conversation: ConversationID
    let tab: Tab
    let context: RunContext
    private let drafts: AsyncStream<Draft>
    private let writing: AsyncStream<Draft>.Continuation
    private let waiting = Atomic(0)
    private let gateway: Atomic<Int>

    init(_ conversation: ConversationID, _ tab: Tab, gateway: Int) {
        self.conversation = conversation
        self.tab = tab
        context = tab.browser.context
        self.gateway = Atomic(gateway)
        (drafts, writing) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(tab.browser.context.configuration.outboxLimit))
    }

    var currentGateway: WorkloadConfiguration.Gateway { context.gateway(gateway.load(ordering: .relaxed)) }
    func tryAnotherGateway() { gateway.add(1, ordering: .relaxed) }

    /// Messages and changes that are not acknowledged yet.
    var count: Int { waiting.load(ordering: .relaxed) }

    /// Puts a message at the end, unless too many wait.
    func write(_ draft: Draft) {
        waiting.add(1, ordering: .relaxed)
        if case .enqueued = writing.yield(draft) {
            context.count { $0.written += 1 }
        } else {
            waiting.subtract(1, ordering: .relaxed)
            context.count { $0.withheld += 1 }
        }
    }

    /// Sends until cancelled.
    func run() async {
        for await draft in drafts {
            switch draft.intent {
            case .send: await deliver(draft)
            case .reply(let choice):
                var draft = draft
                draft.replyTo = tab.pick(choice, in: conversation, own: false)?.seq
                await deliver(draft)
            case .edit, .rivalEdits, .delete, .react, .unreact: await change(draft)
            }
            waiting.subtract(1, ordering: .relaxed)
        }
    }

    private func deliver(_ draft: Draft) async {
        var backoff = Backoff()
        var attempt = 0
        while !Task.isCancelled {
            attempt += 1
            let session = tab.browser.session
            let outcome = await self.attempt(attempt, draft, session)
            switch outcome {
            case .acknowledged(let message):
                context.count { $0.acknowledged += 1 }
                tab.acknowledged(message)
                return
            case .failed(let verdict):
                if verdict.isSignedOut {
                    await tab.browser.renew(session)
                } else if !verdict.isTransient {
                    context.note("\(draft.id) was refused for good: \(verdict)", by: tab.process)
                    return
                }
                // Some leave it at that: they were told that it will be done.
                if verdict.isAccepted, Bool.random() { return }
                if verdict.asksForAnotherGateway { tryAnotherGateway() }
                try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
            }
        }
    }

    private enum Outcome: Sendable {
        case acknowledged(Entry)
        case failed(Verdict)
    }

    /// One attempt, or as many at once as the run asks for, each at another gateway.
    private func attempt(_ attempt: Int, _ draft: Draft, _ session: Session) async -> Outcome {
        let copies = Int.random(in: context.copies)
        let first = gateway.load(ordering: .relaxed)
        guard copies > 1 else { return await once(attempt, draft, session, at: context.gateway(first)) }
        return await withTaskGroup(of: Outcome.self) { group in
            for copy in 0..<copies {
                group.addTask { await self.once(attempt, draft, session, at: self.context.gateway(first + copy)) }
            }
            var worst: Outcome?
            var acknowledged: Outcome?
            for await outcome in group {
                if case .acknowledged = outcome { acknowledged = outcome } else { worst = outcome }
            }
            return acknowledged ?? worst ?? .failed(.unknown(reason: "cancelled"))
        }
    }

    private func once(
        _ attempt: Int, _ draft: Draft, _ session: Session, at gateway: WorkloadConfiguration.Gateway
    ) async -> Outcome {
        let (verdict, message) = await context.send(
            draft, to: conversation, as: tab.browser.account, session, at: gateway, attempt: attempt, by: tab.process)
        return message.map(Outcome.acknowledged) ?? .failed(verdict)
    }
}

extension RunContext {
    /// One attempt to send.
    func send(
        _ draft: Draft, to conversation: ConversationID, as account: Account, _ session: Session,
        at gateway: WorkloadConfiguration.Gateway, attempt: Int, by process: String
    ) async -> (Verdict, Entry?) {
        struct Form: Encodable {
            var clientMessageId: ClientMessageID
            var text: String
            var replyTo: Int64?
        }
        var message: Entry?
        let verdict = await carryOut(
            Operation(
                process: process, method: "POST", path: "/api/v1/conversations/\(conversation)/messages",
                body: body(Form(clientMessageId: draft.id, text: draft.text, replyTo: draft.replyTo)), gateway: gateway,
                cookie: session.cookie, changes: true),
            invoked: {
                .sendInvoked(
                    SendInvoked(
                        op: $0, conversation: conversation.description, user: account.id.description,
                        session: session.name, id: draft.id.description, hash: TextHash.of(draft.text),
                        gateway: gateway.name, attempt: attempt, replyTo: draft.replyTo))
            },
            succeeded: { op, answer in
                guard let stored = answer.decode(Entry.self) else { return nil }
                message = stored
                let seen = SeenMessage(stored)
                return .sendAcknowledged(
                    SendAcknowledged(
                        op: op, seq: seen.seq, rev: seen.rev, sender: seen.sender, id: seen.id, hash: seen.hash,
                        state: seen.state))
            })
        switch verdict {
        case .success: break
        case .refused: count { $0.refused += 1 }
        case .unknown: count { $0.unknown += 1 }
        }
        return (verdict, message)
    }
}
