import ChatContracts

/// What is known of a page while it is read.
struct ChatPageReading: Sendable {
    /// What the users service gave.
    struct Users: Sendable {
        /// Those that were looked up.
        var accounts: [User]
        /// Nil if none were to be listed.
        var people: ReplyPart<UserList>?
    }

    let me: UserID
    let receiver: ChatReceiver?
    /// The receiver's id, once it is known.
    private var receiverID: UserID?
    private var accounts: [UserID: User] = [:]
    /// What the users service answered; nil until it did.
    private(set) var users: Result<Users, Problem>?
    /// What the messages service answered.
    var page: Result<ChatPage, Problem>?

    init(me: UserID, receiver: ChatReceiver?, directory: UserDirectory) {
        self.me = me
        self.receiver = receiver
        switch receiver {
        case .named(let name): receiverID = directory.id(named: name)
        case .account(let user):
            receiverID = user.id
            accounts[user.id] = user
        case .group, nil: break
        }
        remember(directory.remembered(named))
    }

    /// The receiver's name, if nobody is known by it.
    var unknownName: String? {
        if case .named(let name)? = receiver, receiverID == nil { name } else { nil }
    }

    /// Who is on the page whatever it lists.
    var named: [UserID] { [me] + (receiverID.map { [$0] } ?? []) }

    /// The conversation to show, if there is one.
    var conversation: ConversationID? {
        if case .group(let id)? = receiver { return id }
        guard let receiverID else { return nil }
        return .direct(me, receiverID)
    }

    /// Those whom the conversations in the list are with, and whom the page names in groups.
    var others: [UserID] {
        var others: Set<UserID> = []
        if case .success(let list) = list {
            for conversation in list.conversations {
                if conversation.group == nil {
                    others.insert(conversation.partner(of: me))
                } else if let last = conversation.lastMessage {
                    others.formUnion(last.namedUsers)
                }
            }
        }
        if case .success(let shown)? = shown, shown.conversation.group != nil {
            for message in shown.history.messages { others.formUnion(message.namedUsers) }
        }
        return Array(others)
    }

    var list: Result<ConversationPage, Problem> { page.part { $0.list } }

    var shown: Result<ShownConversation, Problem>? {
        guard conversation != nil else { return nil }
        return page.part { $0.shown ?? .fault(Fault(.notFound, "There is no such conversation.")) }
    }

    /// Nil if none were to be listed.
    var people: Result<UserList, Problem>? {
        if case .success(let reply)? = users, reply.people == nil { return nil }
        return users.part { $0.people ?? .value(UserList(users: [])) }
    }

    var receiverResult: Result<ChatPartner, Problem>? {
        switch receiver {
        case .named(let name)?:
            guard let receiverID else { return .failure(usersProblem ?? .unknownReceiver(name)) }
            return account(of: receiverID, orElse: .unknownReceiver(name)).map { ChatPartner($0, for: me) }
        case .group(let id)?:
            return shown?.flatMap { shown in
                shown.conversation.group.map { .success(.group(id, $0)) } ?? .failure(.notFound)
            }
        case .account?, nil:
            return receiverID.flatMap { accounts[$0] }.map { .success(ChatPartner($0, for: me)) }
        }
    }

    func account(of id: UserID, orElse problem: Problem) -> Result<User, Problem> {
        accounts[id].map { .success($0) } ?? .failure(usersProblem ?? problem)
    }

    /// Everybody who is known by now.
    var known: [UserID: User] { accounts }

    func accounts(of ids: [UserID]) -> [UserID: User] {
        Dictionary(ids.compactMap { id in accounts[id].map { (id, $0) } }) { first, _ in first }
    }

    /// Those whose accounts are not known yet.
    func missing(_ ids: [UserID]) -> [UserID] { ids.filter { accounts[$0] == nil } }

    mutating func remember(_ users: [UserID: User]) { accounts.merge(users) { $1 } }

    mutating func take(_ reply: Result<Users, Problem>) {
        users = reply
        guard case .success(let reply) = reply else { return }
        for user in reply.accounts { accounts[user.id] = user }
        if case .value(let people)? = reply.people {
            for user in people.users { accounts[user.id] = user }
        }
        guard let name = unknownName?.lowercased() else { return }
        receiverID = reply.accounts.first { $0.username.lowercased() == name }?.id
    }

    private var usersProblem: Problem? {
        if case .failure(let problem)? = users { problem } else { nil }
    }
}

extension Optional {
    /// One part of an answer. It has been asked for by then.
    fileprivate func part<Reply, Value>(
        _ part: (Reply) -> ReplyPart<Value>
    ) -> Result<Value, Problem> where Wrapped == Result<Reply, Problem> {
        switch self {
        case .success(let reply)?:
            do throws(Fault) {
                return .success(try part(reply).get())
            } catch {
                return .failure(Problem(error))
            }
        case .failure(let problem)?: return .failure(problem)
        case nil: return .failure(.internalError)
        }
    }
}

extension Message {
    /// Whom it names: its sender, and those of its quote, its reactions and its line about a group.
    var namedUsers: Set<UserID> {
        var users: Set<UserID> = [sender]
        if let replyTo { users.insert(replyTo.sender) }
        for reaction in reactions { users.formUnion(reaction.users) }
        if let line { users.formUnion(line.users) }
        return users
    }
}
