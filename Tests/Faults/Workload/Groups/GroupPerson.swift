import AsyncHTTPClient
import ChatContracts
import FaultHistory
import NIOCore

/// Somebody in a group: listens on a live stream, and asks.
struct GroupPerson: Sendable {
    let browser: Browser
    let process: String

    init(_ browser: Browser) {
        self.browser = browser
        process = "\(browser.account.username).1"
    }

    var id: UserID { browser.account.id }
    private var context: RunContext { browser.context }

    // MARK: Listening

    /// Records what the stream brings of groups, until cancelled. Whoever is no member listens all the same.
    func listen(from gateway: Int) async {
        var turn = gateway
        var backoff = Backoff(first: .milliseconds(200), limit: .seconds(3))
        while !Task.isCancelled {
            if await read(at: context.gateway(turn)) { backoff.reset() }
            turn += 1
            try? await Task.sleep(for: backoff.next())
        }
    }

    /// - Returns: whether there was a stream.
    private func read(at gateway: WorkloadConfiguration.Gateway) async -> Bool {
        let session = browser.session
        guard case .success(let stream) = await context.web.openStream(at: gateway, cookie: session.cookie) else {
            return false
        }
        if stream.status == 401 { await browser.renew(session) }
        guard stream.status == 200 else { return false }
        return await withTaskGroup(of: Void.self) { group in
            let heard = LastHeard()
            group.addTask { await take(stream, heard, at: gateway) }
            group.addTask { await heard.waitForSilence(of: context.configuration.silenceLimit) }
            await group.next()
            group.cancelAll()
            return true
        }
    }

    private func take(_ stream: WebClient.Stream, _ heard: LastHeard, at gateway: WorkloadConfiguration.Gateway) async {
        var events = ServerEvents()
        do {
            for try await bytes in stream.body {
                heard.now()
                events.take(bytes.readableBytesView) { event in
                    guard event.name == EventName.messageSent, let message = GroupEntry(event) else { return }
                    context.history.record(
                        .groupHeard(
                            GroupHeard(
                                user: id.description, gateway: gateway.name,
                                conversation: message.conversation.description, seq: message.seq)),
                        by: process)
                }
                if events.isBroken { return }
            }
        } catch {
            // Another stream takes its place.
        }
    }

    // MARK: Asking

    /// One attempt. `shown` gives the numbers of a success; nil if it does not say anything of the group.
    @discardableResult
    func ask(
        _ what: GroupAsked.What, _ method: String, _ path: String, _ form: [UInt8]? = nil,
        at gateway: WorkloadConfiguration.Gateway, group: ConversationID?, subjects: [UserID]? = nil,
        id: ClientMessageID? = nil, answered: (Int64, Response) -> GroupAnswered?
    ) async -> Verdict {
        let session = browser.session
        return await context.carryOut(
            RunContext.Operation(
                process: process, method: method, path: path, body: form, gateway: gateway, cookie: session.cookie,
                changes: [.create, .add, .remove, .send].contains(what)),
            invoked: {
                .groupAsked(
                    GroupAsked(
                        op: $0, what: what, user: self.id.description, session: session.name, gateway: gateway.name,
                        conversation: group?.description, subjects: subjects?.map(\.description),
                        id: id?.description))
            },
            succeeded: { op, answer in answered(op, answer).map { .groupAnswered($0) } })
    }

    /// Asks for the group in one of the ways in which one can read it.
    func look(_ what: GroupAsked.What, into group: ConversationID, at gateway: WorkloadConfiguration.Gateway) async {
        switch what {
        case .history:
            await ask(
                what, "GET", "/api/v1/conversations/\(group)/messages?limit=200", at: gateway, group: group
            ) { op, answer in
                answer.decode(GroupPage.self).map {
                    GroupAnswered(op: op, conversation: group.description, shown: $0.messages.map(\.seq))
                }
            }
        case .sync:
            struct Form: Encodable { var cursors: [ConversationID: Int64] }
            await ask(
                what, "POST", "/api/v1/sync", body(Form(cursors: [group: 0])), at: gateway, group: group
            ) { op, answer in
                guard let result = answer.decode(GroupSync.self),
                    result.conversations.contains(where: { $0.id == group })
                else { return nil }
                let shown = result.changes.flatMap(\.messages).filter { $0.conversation == group }.map(\.seq)
                return GroupAnswered(op: op, conversation: group.description, shown: shown)
            }
        default:
            await ask(
                .members, "GET", "/api/v1/conversations/\(group)/members", at: gateway, group: group
            ) { op, _ in GroupAnswered(op: op, conversation: group.description) }
        }
    }

    /// One attempt to send.
    func send(
        _ draft: Draft, to group: ConversationID, at gateway: WorkloadConfiguration.Gateway
    ) async -> Verdict {
        struct Form: Encodable {
            var clientMessageId: ClientMessageID
            var text: String
        }
        return await ask(
            .send, "POST", "/api/v1/conversations/\(group)/messages",
            body(Form(clientMessageId: draft.id, text: draft.text)), at: gateway, group: group, id: draft.id
        ) { op, answer in
            answer.decode(GroupEntry.self).map {
                GroupAnswered(op: op, conversation: group.description, seq: $0.seq)
            }
        }
    }
}
