import ChatContracts

/// What somebody does when their turn in an outbox has come. The number from 0 to 1 chooses among the messages that the
/// tab shows then.
enum Intent: Sendable, Hashable {
    case send
    case reply(to: Double)
    case edit(Double)
    /// Two edits of one text at the same time, of which one can win.
    case rivalEdits(Double)
    case delete(Double)
    case react(Double, String)
    case unreact(Double, String)
}

extension Outbox {
    /// Makes the change that a draft stands for; nothing if the tab shows no message that it could be made to.
    func change(_ draft: Draft) async {
        switch draft.intent {
        case .send, .reply: break
        case .edit(let choice):
            guard let entry = tab.pick(choice, in: conversation, own: true) else { return }
            await carryOut(draft.request("", entry.seq, .edit(text: draft.text, of: entry.textRev)))
        case .rivalEdits(let choice):
            guard let entry = tab.pick(choice, in: conversation, own: true) else { return }
            async let one: Void = carryOut(draft.request("/1", entry.seq, .edit(text: draft.text, of: entry.textRev)))
            async let other: Void = carryOut(
                draft.request("/2", entry.seq, .edit(text: draft.text + " or not", of: entry.textRev)))
            _ = await (one, other)
        case .delete(let choice):
            guard let entry = tab.pick(choice, in: conversation, own: true) else { return }
            await carryOut(draft.request("", entry.seq, .delete))
        case .react(let choice, let emoji):
            guard let entry = tab.pick(choice, in: conversation, own: false) else { return }
            await carryOut(draft.request("", entry.seq, .react(emoji)))
        case .unreact(let choice, let emoji):
            // Where there is no reaction to take back, an attempt must change nothing.
            if let (entry, own) = tab.pickOwnReaction(choice, in: conversation) {
                await carryOut(draft.request("", entry.seq, .unreact(own)))
            } else if let entry = tab.pick(choice, in: conversation, own: false) {
                await carryOut(draft.request("", entry.seq, .unreact(emoji)))
            }
        }
    }

    /// Asks until the change is stored or surely never will be.
    private func carryOut(_ request: ChangeRequest) async {
        var backoff = Backoff()
        var attempt = 0
        while !Task.isCancelled {
            attempt += 1
            let session = tab.browser.session
            let (verdict, entry) = await context.change(
                request, in: conversation, as: tab.browser.account, session, at: currentGateway, attempt: attempt,
                by: tab.process)
            if let entry { tab.acknowledged(entry) }
            if case .success = verdict { return }
            if verdict.isSignedOut {
                await tab.browser.renew(session)
            } else if !verdict.isTransient {
                if !Self.isExpected(verdict) {
                    context.note("The change \(request.id) was refused for good: \(verdict)", by: tab.process)
                }
                return
            }
            if verdict.asksForAnotherGateway { tryAnotherGateway() }
            try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
        }
    }

    /// Somebody was faster, or the message is gone, or it has as many kinds of reactions as it can have.
    private static func isExpected(_ verdict: Verdict) -> Bool {
        if case .refused(let status, _, _) = verdict { [409, 410, 422].contains(status) } else { false }
    }
}

extension Draft {
    fileprivate func request(_ suffix: String, _ seq: Int64, _ action: ChangeRequest.Action) -> ChangeRequest {
        ChangeRequest(id: id.description + suffix, seq: seq, action: action)
    }
}
