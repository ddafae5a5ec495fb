import ChatContracts
public import FaultHistory

extension Workload {
    /// Everything that is stored, as members of the conversations are told it by a gateway: for stacks whose databases
    /// cannot be asked. Dead letters and queues are nothing that a user sees. To be called after
    /// ``stop(drainingWithin:)``, when nothing changes any more.
    ///
    /// - Returns: nil if some part could not be had within the limit.
    public func finalRead(within limit: Duration) async -> FinalState? {
        guard let population else { return nil }
        let web = WebClient(configuration)
        let read = FinalRead(context: context, web: web, population: population, deadline: .now + limit)
        let final = await read.everything()
        await web.shutdown()
        return final
    }
}

/// Reads all pages of everything.
private struct FinalRead {
    let context: RunContext
    let web: WebClient
    let population: Population
    let deadline: ContinuousClock.Instant

    func everything() async -> FinalState? {
        var final = FinalState()
        for room in population.rooms {
            guard let conversation = await conversation(room.conversation, as: room.members) else { return nil }
            final.conversations.append(conversation)
        }
        guard let accounts = await accounts() else { return nil }
        final.accounts = accounts
        return final
    }

    private func conversation(_ id: ConversationID, as browsers: [Browser]) async -> StoredConversation? {
        var summary: Summary?
        // Nobody but a member is told the member's settings.
        var settings: [UserID: SeenSettings] = [:]
        for browser in browsers {
            let user = browser.account.id
            guard let own: Summary = await get("/api/v1/conversations/\(id)", as: browser) else { return nil }
            settings[user] = own.members.first { $0.user == user }?.settings.map { SeenSettings($0) }
            summary = own
        }
        guard let summary else { return nil }
        var messages: [SeenMessage] = []
        while true {
            let path = "/api/v1/conversations/\(id)/messages?limit=200&after=\(messages.last?.seq ?? 0)"
            guard let page: EntryPage = await get(path, as: browsers[0]) else { return nil }
            messages += page.messages.map(SeenMessage.init)
            guard page.hasNewer, !page.messages.isEmpty else { break }
        }
        return StoredConversation(
            conversation: id.description,
            members: summary.members.map {
                .init(user: $0.user.description, received: $0.received, read: $0.read, settings: settings[$0.user])
            },
            messages: messages, head: summary.head)
    }

    /// All accounts of the run.
    private func accounts() async -> [StoredAccount]? {
        var accounts: [StoredAccount] = []
        var after: String?
        repeat {
            let path =
                "/api/v1/users?limit=200&prefix=\(context.configuration.run)." + (after.map { "&after=\($0)" } ?? "")
            guard let page: UserList = await get(path, as: population.hosts[0]) else { return nil }
            accounts += page.users.map { StoredAccount(user: $0.id.description, username: $0.username) }
            after = page.next
        } while after != nil
        return accounts
    }

    private func get<Value: Decodable>(_ path: String, as browser: Browser) async -> Value? {
        var backoff = Backoff()
        var turn = 0
        while ContinuousClock.now < deadline, !Task.isCancelled {
            let result = await web.request(
                "GET", path, at: context.gateway(turn), cookie: browser.session.cookie)
            if case .success(let answer) = result, answer.isSuccess, let value = answer.decode(Value.self) {
                return value
            }
            turn += 1
            try? await Task.sleep(for: backoff.next(atLeast: Verdict(ofQuestion: result).retryAfter))
        }
        return nil
    }
}
