import ChatContracts
import LogKeys
import Logging
import MessageBus

/// Looks accounts up and lists or finds people, for a page that shows both.
struct ReadChatPeopleHandler: Sendable {
    let lookUp: LookUpUsersHandler
    let list: ListUsersHandler
    let find: FindUsersHandler
    let logger: Logger

    func callAsFunction(_ request: ReadChatPeople, _ context: RequestContext) async throws -> ChatPeople {
        async let people = people(request, context)
        let accounts = try await lookUp(LookUpUsers(ids: request.ids, usernames: request.usernames), context)
        return ChatPeople(accounts: accounts.users, people: await people)
    }

    /// A search can take longer than it may; the page is shown without it then.
    private func people(_ request: ReadChatPeople, _ context: RequestContext) async -> ReplyPart<UserList> {
        do {
            return .value(
                request.text.isEmpty
                    ? try await list(ListUsers(after: request.after, limit: request.limit), context)
                    : try await find(FindUsers(text: request.text, limit: request.limit), context))
        } catch let fault as Fault {
            return .fault(fault)
        } catch {
            logger.warning("The people of a chat page cannot be read.", metadata: [LogKey.error: "\(error)"])
            return .fault(Fault(.unavailable, "This cannot be answered at the moment. Try again soon."))
        }
    }
}
