import ChatContracts
import FaultHistory
import Foundation

/// Short visits: somebody signs in in another browser, looks, is signed out there, by themselves or from the first
/// browser, and tries again, at every gateway. A stream that was open then must end, too.
struct Visits: Sendable {
    let context: RunContext
    /// Who visits: each in a browser that goes on living.
    let hosts: [Browser]
    let interval: Double

    /// How long a stream whose session has ended is watched.
    private static let patience = Duration.seconds(75)
    /// How many visits may be under way: during a long fault they do not pile up.
    private static let most = 20

    /// What of a visit is over.
    private enum Over { case tab, probes, nothing }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            var number = 0
            var running = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Double.random(in: 0.5...1.5) * interval))
                guard !Task.isCancelled, let host = hosts.randomElement() else { break }
                if running == Self.most {
                    await group.next()
                    running -= 1
                }
                number += 1
                running += 1
                let name = "\(host.account.username).visit\(number)"
                group.addTask { await visit(by: host, as: name) }
            }
        }
    }

    private func visit(by host: Browser, as process: String) async {
        let account = host.account
        let (_, made) = await context.trySignIn(
            account.username, at: context.gateway(Int.random(in: 0..<8)), by: process)
        guard let session = made?.1 else { return }
        for gateway in context.configuration.gateways {
            _ = await context.probe(session, of: account, at: gateway, by: process)
        }
        let browser = Browser(context, account, session)
        let tab = Tab(process, browser, gateway: Int.random(in: 0..<8), whenSignedOut: .closes)
        await withTaskGroup(of: Over.self) { group in
            group.addTask {
                await tab.run()
                return .tab
            }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(Int.random(in: 500...3_000)))
                guard await end(session, of: account, from: host, process) else { return .nothing }
                await probe(browser, reading: tab.heads.keys.randomElement(), by: process)
                return .probes
            }
            switch await group.next() {
            case .tab: _ = await group.next()
            case .probes:
                group.addTask {
                    try? await Task.sleep(for: Self.patience)
                    return .nothing
                }
                // Whichever comes first: the tab has noticed, or it will not.
                _ = await group.next()
            case .nothing, nil: break
            }
            group.cancelAll()
        }
        tab.close()
    }

    /// Tries an ended session again and again, whether or not its tab has noticed: until nothing but forgetting the end
    /// could explain that it is accepted.
    private func probe(_ browser: Browser, reading conversation: ConversationID?, by process: String) async {
        for pause in [0.0, 0.5, 4, 9] {
            try? await Task.sleep(for: .seconds(pause))
            guard !Task.isCancelled else { return }
            for gateway in context.configuration.gateways {
                _ = await context.probe(browser.session, of: browser.account, at: gateway, by: process)
                if let conversation { await context.read(conversation, as: browser, at: gateway, by: process) }
            }
        }
    }

    /// Ends a session, by itself or from another one. Answers whether it is certain that it has ended.
    private func end(_ session: Session, of account: Account, from host: Browser, _ process: String) async -> Bool {
        var backoff = Backoff()
        let byItself = Bool.random()
        let key = byItself ? nil : await identifier(of: session)
        let asker = key == nil ? session : host.session
        let path = key.map { "/api/v1/sessions/\($0)" } ?? "/api/v1/session"
        for attempt in 0..<40 where !Task.isCancelled {
            let gateway = context.gateway(attempt)
            let verdict = await context.carryOut(
                RunContext.Operation(
                    process: process, method: "DELETE", path: path, gateway: gateway, cookie: asker.cookie,
                    changes: true),
                invoked: {
                    .revokeInvoked(
                        RevokeInvoked(
                            op: $0, user: account.id.description, session: asker.name, sessions: [session.name],
                            gateway: gateway.name))
                },
                succeeded: { op, _ in .revokeAcknowledged(RevokeAcknowledged(op: op)) })
            if case .success = verdict { return true }
            // An attempt before this one did it, and only its answer got lost.
            if case .refused(404, _, _) = verdict { return true }
            if verdict.isSignedOut { return true }
            try? await Task.sleep(for: backoff.next(atLeast: verdict.retryAfter))
        }
        return false
    }

    /// What the list of sessions calls this one.
    private func identifier(of session: Session) async -> String? {
        struct List: Decodable {
            struct Item: Decodable {
                var id: String
                var isCurrent: Bool
            }
            var sessions: [Item]
        }
        let gateway = context.gateway(Int.random(in: 0..<8))
        guard
            case .success(let answer) = await context.web.request(
                "GET", "/api/v1/sessions", at: gateway, cookie: session.cookie)
        else { return nil }
        return answer.decode(List.self)?.sessions.first(where: \.isCurrent)?.id
    }
}
