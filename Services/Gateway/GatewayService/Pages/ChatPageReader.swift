import ChatContracts

/// Reads what a chat page is made of, with one query to each of the two services: none to the users service if the page lists
/// no people and everybody on it is remembered. A further one goes there only if somebody in the list of conversations is
/// neither remembered nor among the people.
struct ChatPageReader: Sendable {
    /// Messages on one page of a conversation.
    static let messagesPerPage = 50

    let requests: any Requests
    let directory: UserDirectory

    /// - Parameters:
    ///   - receiver: Whom the page is about, if anybody.
    ///   - part: What it shows of the conversation with them.
    func read(
        _ receiver: ChatReceiver?, part: HistoryPart = .opening, people: ShownPeople, session: Session,
        context: BusContext
    ) async -> ChatPageContent {
        var reading = ChatPageReading(me: session.user, receiver: receiver, directory: directory)
        if let name = reading.unknownName {
            // Who that is decides which conversation to ask for.
            reading.take(await users(people, ids: reading.missing([session.user]), usernames: [name], context))
            reading.page = await page(reading, part, context)
        } else if reading.missing(reading.named).isEmpty {
            let begun = reading
            async let usersReply = users(people, ids: [], usernames: [], context)
            async let pageReply = page(begun, part, context)
            reading.page = await pageReply
            reading.take(await usersReply)
        } else {
            // They were forgotten, so the others in the list probably are as well: all of them are asked for at once.
            reading.page = await page(reading, part, context)
            reading.remember(directory.remembered(reading.others))
            let ids = reading.missing(reading.named + reading.others)
            reading.take(await users(people, ids: ids, usernames: [], context))
        }
        let list = await list(of: &reading, context)
        return ChatPageContent(
            me: reading.account(of: session.user, orElse: .notSignedIn), list: list, people: reading.people,
            receiver: reading.receiverResult, shown: reading.shown,
            users: reading.known)
    }

    private func users(
        _ people: ShownPeople, ids: [UserID], usernames: [String], _ context: BusContext
    ) async -> Result<ChatPageReading.Users, Problem> {
        let usernames = usernames.filter(UserDirectory.isUsername)
        do throws(Problem) {
            guard people.areListed else {
                let users = try await directory.lookUp(LookUpUsers(ids: ids, usernames: usernames), context: context)
                return .success(.init(accounts: users))
            }
            let reply = try await directory.people(
                ReadChatPeople(
                    ids: ids, usernames: usernames, text: people.text, after: people.after,
                    limit: ShownPeople.perPage), context: context)
            return .success(.init(accounts: reply.accounts, people: reply.people))
        } catch {
            return .failure(error)
        }
    }

    private func page(
        _ reading: ChatPageReading, _ part: HistoryPart, _ context: BusContext
    ) async -> Result<ChatPage, Problem> {
        let shown = reading.conversation.map {
            ReadChatPage.Shown(conversation: $0, part: part, limit: Self.messagesPerPage)
        }
        do throws(Problem) {
            return .success(try await requests.call(ReadChatPage(user: reading.me, shown: shown), context: context))
        } catch {
            return .failure(error)
        }
    }

    /// The list with the accounts of the others, of whom those that are missing are looked up.
    private func list(
        of reading: inout ChatPageReading, _ context: BusContext
    ) async -> Result<ChatPageContent.List, Problem> {
        do throws(Problem) {
            let page = try reading.list.get()
            let others = reading.others
            let missing = reading.missing(others)
            if !missing.isEmpty {
                // Who did not answer a moment ago is not asked again.
                _ = try reading.users?.get()
                reading.remember(try await directory.users(Set(missing), context: context))
            }
            return .success(.init(page: page, users: reading.accounts(of: others)))
        } catch {
            return .failure(error)
        }
    }
}
