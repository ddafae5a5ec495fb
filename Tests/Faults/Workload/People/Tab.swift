import AsyncHTTPClient
import ChatContracts
import FaultHistory
import Foundation
import NIOCore
import Synchronization

/// A tab: one live stream, kept open for ever, and what it shows.
///
/// Order of connecting: open the stream, wait for its first sign of life, sync, merge. Everything that is shown is
/// recorded in its order.
final class Tab: Sendable {
    /// What to do when the session is refused.
    enum SignedOut: Sendable {
        /// Sign in again: nobody had ended it.
        case renews
        /// The tab closes.
        case closes
    }

    /// `person.number`.
    let process: String
    let browser: Browser
    private let context: RunContext
    private let signedOut: SignedOut
    private let state: Mutex<State>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    private struct State {
        var view = TabView()
        /// Where the next stream is opened.
        var gateway: Int
        /// Whether the history says that a stream is open.
        var isConnected = false
        var isLive = false
        var lastHeard = ContinuousClock.now
        /// Why the stream has to be broken off, if it has to.
        var breakOff: String?
        var isReloading = false
        var openedAt: ContinuousClock.Instant?
        var returnHint: Duration?
        var isClosed = false
    }

    init(_ process: String, _ browser: Browser, gateway: Int, whenSignedOut signedOut: SignedOut = .renews) {
        self.process = process
        self.browser = browser
        self.signedOut = signedOut
        context = browser.context
        state = Mutex(State(gateway: gateway))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The highest revisions that were applied without a gap.
    var heads: [ConversationID: Int64] { state.withLock { $0.view.heads } }
    /// The newest seq of every conversation that is shown.
    var newest: [ConversationID: Int64] {
        state.withLock { $0.view.conversations.filter { $0.value.newest > 0 }.mapValues(\.newest) }
    }
    /// Whether everything it knows of is shown, without a gap.
    var isAtRest: Bool {
        state.withLock { $0.isLive && !$0.view.needsSync && !$0.view.hasGap && $0.view.unloaded.isEmpty }
    }

    /// Ends the stream; the tab opens another one.
    func breakOff() { state.withLock { $0.breakOff = "broken off" } }

    /// Loads the page anew.
    func reload() {
        state.withLock { state in
            state.breakOff = "reloaded"
            state.isReloading = true
        }
    }

    /// One of the last messages that are shown and not deleted.
    ///
    /// - Parameters:
    ///   - choice: from 0 to 1, which of them.
    ///   - own: only the ones that this tab's user wrote.
    func pick(_ choice: Double, in conversation: ConversationID, own: Bool) -> Entry? {
        let recent = state.withLock { $0.view.conversations[conversation]?.recent ?? [] }
            .filter { !$0.deleted && (!own || $0.sender == browser.account.id) }
        return Self.pick(choice, of: recent)
    }

    /// One of the last messages with a reaction of this tab's user, and that reaction.
    func pickOwnReaction(_ choice: Double, in conversation: ConversationID) -> (entry: Entry, emoji: String)? {
        let user = browser.account.id
        let reacted = state.withLock { $0.view.conversations[conversation]?.recent ?? [] }.flatMap { entry in
            entry.reactions.filter { $0.users.contains(user) }.map { (entry: entry, emoji: $0.emoji) }
        }
        return Self.pick(choice, of: reacted)
    }

    /// The last ones are the likeliest, so that one message is changed several times and by both at once.
    static func pick<Element>(_ choice: Double, of elements: [Element]) -> Element? {
        guard !elements.isEmpty else { return nil }
        let fromEnd = Int(choice * choice * Double(elements.count))
        return elements[max(0, elements.count - 1 - fromEnd)]
    }

    /// The answer to something of this tab's own, or to a change that came too late.
    func acknowledged(_ message: Entry) {
        change { $0.take(message, via: .answer) }
    }

    /// Runs until cancelled or closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.catchUpWhenNeeded() }
            await self.followStreams()
            group.cancelAll()
        }
    }

    // MARK: The stream

    private func followStreams() async {
        var backoff = Backoff(first: .milliseconds(400), limit: .seconds(15))
        while !Task.isCancelled {
            let session = browser.session
            await oneStream(session)
            guard !Task.isCancelled else { return }
            let (openedAt, hint) = state.withLock { ($0.openedAt, $0.returnHint) }
            if let openedAt, ContinuousClock.now - openedAt > .seconds(10) { backoff.reset() }
            let delay = backoff.next()
            try? await Task.sleep(for: hint ?? .milliseconds(50) + delay)
            guard !Task.isCancelled, await isSignedIn(session) else { return }
        }
    }

    /// Whether to go on: asks, as the page does after each stream, whether the session still lives.
    private func isSignedIn(_ session: Session) async -> Bool {
        let gateway = state.withLock { context.gateway($0.gateway) }
        guard await context.probe(session, of: browser.account, at: gateway, by: process).isSignedOut else {
            return true
        }
        switch signedOut {
        case .renews:
            await browser.renew(session)
            return true
        case .closes:
            close()
            return false
        }
    }

    /// Nothing is expected of the tab any more.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            if state.isConnected { disconnected("closed", &state) }
            context.history.record(.tabClosed, by: process)
        }
    }

    private func oneStream(_ session: Session) async {
        let gateway = state.withLock { state in
            state.lastHeard = .now
            state.openedAt = nil
            state.returnHint = nil
            state.breakOff = nil
            if state.isReloading {
                state.isReloading = false
                state.view.reload()
            }
            return context.gateway(state.gateway)
        }
        let reason = await withTaskGroup(of: String.self) { group in
            group.addTask { await self.read(session, at: gateway) }
            group.addTask { await self.watch() }
            let reason = await group.next() ?? ""
            group.cancelAll()
            return reason
        }
        // Who stops the run ends every stream at once; that says nothing about the streams.
        let isStopping = Task.isCancelled
        state.withLock { state in
            state.isLive = false
            state.gateway += 1
            if state.isConnected, !isStopping { disconnected(reason, &state) }
        }
    }

    private func disconnected(_ reason: String, _ state: inout State) {
        state.isConnected = false
        context.history.record(.tabDisconnected(TabDisconnected(reason: reason)), by: process)
        context.count { $0.disconnects += 1 }
    }

    /// Returns why the stream is to be given up, if it is.
    private func watch() async -> String {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(400))
            let reason = state.withLock { state -> String? in
                if let reason = state.breakOff { return reason }
                return ContinuousClock.now - state.lastHeard > context.configuration.silenceLimit ? "silent" : nil
            }
            if let reason { return reason }
        }
        return "stopped"
    }

    /// Returns why the stream has ended.
    private func read(_ session: Session, at gateway: WorkloadConfiguration.Gateway) async -> String {
        let asked = context.history.now
        let stream: WebClient.Stream
        switch await context.web.openStream(at: gateway, cookie: session.cookie) {
        case .failure(.notSent(let reason)), .failure(.lost(let reason)): return reason
        case .success(let opened): stream = opened
        }
        guard stream.status == 200 else {
            if let seconds = stream.retryAfter { state.withLock { $0.returnHint = .seconds(min(seconds, 30)) } }
            return "status \(stream.status)"
        }
        context.count { $0.connects += 1 }
        state.withLock { state in
            state.openedAt = .now
            state.isConnected = true
            context.history.record(
                .tabConnected(
                    TabConnected(
                        user: browser.account.id.description, session: session.name, gateway: gateway.name,
                        asked: asked)),
                by: process)
        }
        var events = ServerEvents()
        do {
            for try await bytes in stream.body {
                var hasSaidGoodbye = false
                events.take(bytes.readableBytesView) { hasSaidGoodbye = heard($0) || hasSaidGoodbye }
                if hasSaidGoodbye { return "goodbye" }
                if events.isBroken { return "malformed" }
            }
            return "ended"
        } catch {
            return "\(NoResponse(error))"
        }
    }

    /// Answers whether the gateway says goodbye.
    private func heard(_ event: ServerEvents.Event) -> Bool {
        state.withLock { $0.lastHeard = .now }
        switch event.name {
        case "alive":
            state.withLock { state in
                guard !state.isLive else { return }
                // Only from the first of these on, the gateway hears everything that is for this user.
                state.isLive = true
                state.view.wantSync()
            }
            wake.yield()
        case "goodbye":
            let delay = Int(String(decoding: event.data, as: UTF8.self)).map { Duration.milliseconds(min($0, 30_000)) }
            state.withLock { $0.returnHint = delay }
            return true
        default:
            change { view in
                let effects = view.take(event)
                if event.name == EventName.resync {
                    context.history.record(.resyncReceived, by: process)
                    context.count { $0.resyncs += 1 }
                }
                return effects
            }
        }
        return false
    }

    /// Changes what is shown and records it, in order.
    private func change(_ body: (inout TabView) -> [TabView.Effect]) {
        let needsAttention = state.withLock { state in
            record(body(&state.view))
            return state.view.needsSync || state.view.hasGap
        }
        if needsAttention { wake.yield() }
    }

    private func record(_ effects: [TabView.Effect]) {
        for effect in effects {
            context.history.record(effect.event, by: process)
            if case .healed = effect.change { context.count { $0.gapsHealed += 1 } }
        }
    }

    // MARK: Catching up

    /// Events of one conversation may overtake each other for this long before a gap counts as one.
    private static let gapPatience = Duration.milliseconds(300)

    private func catchUpWhenNeeded() async {
        let mayAsk = context.configuration.mistake != .neverSyncs
        var backoff = Backoff(first: .milliseconds(500), limit: .seconds(10))
        var hasBegun = false
        for await _ in wakes {
            while !Task.isCancelled {
                let (isDue, hasGap, toLoad) = state.withLock { state in
                    (state.view.needsSync && state.isLive, state.view.hasGap, state.view.unloaded)
                }
                // The planted mistake: a tab that begins with everything, and then believes what it hears to be all.
                if !mayAsk, hasBegun, toLoad.isEmpty { break }
                if isDue {
                    let verdict = await sync()
                    if case .success = verdict {
                        backoff.reset()
                        hasBegun = true
                    } else {
                        state.withLock { $0.view.wantSync() }
                        if verdict.isSignedOut { breakOff() }
                        try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
                    }
                } else if let conversation = toLoad.first {
                    let verdict = await load(conversation)
                    if case .success = verdict {
                        backoff.reset()
                    } else {
                        if verdict.isSignedOut { breakOff() }
                        try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
                    }
                } else if hasGap {
                    try? await Task.sleep(for: Self.gapPatience)
                    state.withLock { if $0.view.hasGap { $0.view.wantSync() } }
                    if state.withLock({ !$0.isLive }) { break }
                } else {
                    break
                }
            }
        }
    }

    /// Asks for everything since the cursors.
    private func sync() async -> Verdict {
        struct Form: Encodable {
            var cursors: [ConversationID: Int64]
            var recent: Int
        }
        let (cursors, known, generation, number) = state.withLock { state in
            state.view.beginSync()
            return (state.view.cursors, state.view.conversations.count, state.view.generation, state.gateway)
        }
        let session = browser.session
        let gateway = context.gateway(number)
        let verdict = await context.carryOut(
            RunContext.Operation(
                process: process, method: "POST", path: "/api/v1/sync",
                body: body(Form(cursors: cursors, recent: min(200, max(50, known)))), gateway: gateway,
                cookie: session.cookie, changes: false),
            invoked: {
                .syncInvoked(
                    SyncInvoked(
                        op: $0, user: browser.account.id.description, session: session.name, gateway: gateway.name))
            },
            succeeded: { op, answer in
                guard let result = answer.decode(SyncResult.self) else { return nil }
                return state.withLock { state in
                    guard state.view.generation == generation else {
                        return .syncAnswered(SyncAnswered(op: op, cursors: [:], more: true))
                    }
                    record(state.view.take(result, asked: cursors))
                    let described = Set(result.conversations.map(\.id))
                    let heads = state.view.heads.filter { described.contains($0.key) }
                    return .syncAnswered(
                        SyncAnswered(
                            op: op,
                            cursors: Dictionary(uniqueKeysWithValues: heads.map { ($0.key.description, $0.value) }),
                            more: result.more, summaries: result.summaries(for: browser.account.id)))
                }
            })
        return verdict
    }

    /// Fetches the newest page of a conversation that nothing is shown of yet.
    private func load(_ conversation: ConversationID) async -> Verdict {
        let (generation, number) = state.withLock { ($0.view.generation, $0.gateway) }
        return await context.read(
            conversation, as: browser, at: context.gateway(number), by: process
        ) { page in
            state.withLock { state in
                guard state.view.generation == generation else { return }
                record(state.view.take(page, of: conversation))
            }
        }
    }
}

extension RunContext {
    /// Fetches a page of a conversation's history: the newest, or the newest before a seq, or the oldest after one.
    @discardableResult
    func read(
        _ conversation: ConversationID, as browser: Browser, at gateway: WorkloadConfiguration.Gateway,
        by process: String, before: Int64? = nil, after: Int64? = nil, limit: Int = 50,
        _ body: (EntryPage) -> Void = { _ in }
    ) async -> Verdict {
        let session = browser.session
        var path = "/api/v1/conversations/\(conversation)/messages?limit=\(limit)"
        if let before { path += "&before=\(before)" }
        if let after { path += "&after=\(after)" }
        // The oldest after a seq are the newest before another one.
        let end = before ?? after.map { $0 + Int64(limit) + 1 }
        return await carryOut(
            Operation(
                process: process, method: "GET", path: path, gateway: gateway, cookie: session.cookie, changes: false),
            invoked: {
                .readInvoked(
                    ReadInvoked(
                        op: $0, user: browser.account.id.description, session: session.name, gateway: gateway.name,
                        conversation: conversation.description, before: end, after: after))
            },
            succeeded: { op, answer in
                guard let page = answer.decode(EntryPage.self) else { return nil }
                body(page)
                return .readAnswered(ReadAnswered(op: op, messages: page.messages.map(SeenMessage.init)))
            })
    }
}
