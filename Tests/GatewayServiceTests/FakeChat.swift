import ChatContracts
import Foundation
import HTTPTypes
import MessageBus
import Synchronization

@testable import GatewayService

/// The other services in a few lines, so that the gateway can be tested alone: same requests, same faults.
final class FakeChat: Requests {
    struct State {
        var users: [UserID: User] = [:]
        let keys: PasswordPrivateKeys
        var passwords: [UserID: String] = [:]
        /// Only of those that have changed their passwords.
        var versions: [UserID: Int64] = [:]
        var conversations: [ConversationID: Conversation] = [:]
        /// In the order of `seq`, each as it is now.
        var messages: [ConversationID: [Message]] = [:]
        /// The number of each conversation's last change.
        var heads: [ConversationID: Int64] = [:]
        var groupNames: [ConversationID: String] = [:]
        /// Of members with none, it is that of a member.
        var roles: [ConversationID: [UserID: GroupRole]] = [:]
        var invitations: [ConversationID: [GroupInvitation]] = [:]
        /// Who was removed from groups and must not come back by an invitation.
        var expelled: [ConversationID: Set<UserID>] = [:]
        /// Thrown instead of any answer.
        var failure: Problem?
        /// The same for requests of some names only.
        var refused: [String: Problem] = [:]
        var requests: [String] = []
    }

    private let state: Mutex<State>
    /// What every request waits for before it is answered.
    let pause = Mutex<(@Sendable () async -> Void)?>(nil)

    init(keys: PasswordPrivateKeys) { state = Mutex(State(keys: keys)) }

    var requestCount: Int { state.withLock { $0.requests.count } }

    func withState<Result>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }

    func call<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> R.Reply {
        if let pause = pause.withLock({ $0 }) { await pause() }
        guard let reply = try answer(request) as? R.Reply else { throw .internalError }
        return reply
    }

    func callRaw<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> [UInt8] {
        let reply = try await call(request, context: context)
        guard let data = try? JSONEncoder().encode(reply) else { throw .internalError }
        return [UInt8](data)
    }

    func callRaw<R: RoutedRequest>(
        _ request: R, context: BusContext, completion: @escaping @Sendable (Result<[UInt8], Problem>) -> Void
    ) {
        Task {
            do throws(Problem) {
                completion(.success(try await callRaw(request, context: context)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func answer(_ request: any RoutedRequest) throws(Problem) -> any Sendable {
        let result: Result<any Sendable, Problem> = state.withLock { state in
            // What the gateway asks for itself, and not because of a browser's request, does not count.
            if !(request is ReadCredentialVersions) { state.requests.append(type(of: request).typeName) }
            if let failure = state.failure ?? state.refused[type(of: request).typeName] { return .failure(failure) }
            do throws(Problem) {
                return .success(try state.answer(request))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension FakeChat.State {
    mutating func answer(_ request: any RoutedRequest) throws(Problem) -> any Sendable {
        switch request {
        case let request as RegisterUser: return try register(request)
        case let request as SignIn: return try signIn(request)
        case let request as UpdateProfile: return try update(request)
        case let request as ChangePassword: return try change(request)
        case let request as LookUpUsers: return lookUp(request)
        case let request as ListUsers: return list(request)
        case let request as FindUsers: return find(request)
        case let request as ReadChatPeople: return chatPeople(request)
        case let request as ReadCredentialVersions: return versions(of: request.users)
        case let request as OpenDirectConversation: return try open(request)
        case let request as GetConversation: return try conversation(request.conversation, of: request.user)
        case let request as ListConversations: return conversations(of: request.user)
        case let request as SendMessage: return try send(request)
        case let request as EditMessage: return try edit(request)
        case let request as DeleteMessage: return try delete(request)
        case let request as SetReaction: return try set(request)
        case let request as RemoveReaction: return try remove(request)
        case let request as ReadHistory: return try history(request)
        case let request as ReadChatPage: return chatPage(request)
        case let request as SetPosition: return try move(request)
        case let request as MarkUnread: return try markUnread(request)
        case let request as ChangeConversationSettings: return try change(request)
        case let request as CreateGroup: return try create(request)
        case let request as AddGroupMembers: return try add(request)
        case let request as RemoveGroupMember: return try remove(request)
        case let request as SetGroupRole: return try give(request)
        case let request as ChangeGroup: return try change(request)
        case let request as ListSharedGroups: return shared(request)
        case let request as ListGroupMembers: return try members(request)
        case let request as CreateInvitation: return try invite(request)
        case let request as RevokeInvitation: return try revoke(request)
        case let request as JoinGroup: return try join(request)
        case let request as ListGroupInvitations: return try list(request)
        case let request as ReadMessageReaders: return try readers(request)
        case let request as ReadInvitation: return try preview(request)
        case let request as SyncChanges: return sync(request)
        case let request as RecentHeads: return heads(request)
        default: throw .internalError
        }
    }

    private func user(named name: String) -> User? {
        users.values.first { $0.username.lowercased() == name.lowercased() }
    }

    private func open(_ password: SealedPassword, for binding: PasswordBinding) throws(Problem) -> String {
        do throws(Fault) {
            return try keys.open(password, for: binding)
        } catch {
            throw Problem(error)
        }
    }

    private func authenticated(_ user: User) -> AuthenticatedUser {
        AuthenticatedUser(user: user, credentialVersion: versions[user.id] ?? 1)
    }

    private func versions(of users: [UserID]) -> CredentialVersionsResponse {
        let asked = Set(users)
        return CredentialVersionsResponse(versions: versions.filter { asked.contains($0.key) && $0.value > 1 })
    }

    private mutating func register(_ request: RegisterUser) throws(Problem) -> AuthenticatedUser {
        guard request.username.count >= 3 else { throw Problem(Fault(.invalid, "Too short.", field: "username")) }
        let password = try open(request.password, for: RegisterUser.passwordBinding(username: request.username))
        guard password.utf8.count >= 8 else {
            throw Problem(Fault(.weakPassword, "Too short.", field: "password"))
        }
        guard user(named: request.username) == nil else {
            throw Problem(Fault(.usernameTaken, "Taken.", field: "username"))
        }
        let user = User(
            id: request.id, username: request.username, displayName: request.displayName ?? request.username,
            createdAt: Timestamp(milliseconds: 1_700_000_000_000))
        users[user.id] = user
        passwords[user.id] = password
        return authenticated(user)
    }

    private func signIn(_ request: SignIn) throws(Problem) -> AuthenticatedUser {
        let password = try open(request.password, for: SignIn.passwordBinding(username: request.username))
        guard let user = user(named: request.username), passwords[user.id] == password else {
            throw Problem(Fault(.wrongCredentials, "Wrong username or password."))
        }
        return authenticated(user)
    }

    private mutating func update(_ request: UpdateProfile) throws(Problem) -> User {
        guard var user = users[request.user] else { throw Problem(Fault(.notFound, "Unknown.")) }
        if let name = request.displayName {
            guard !name.isEmpty else { throw Problem(Fault(.invalid, "Empty.", field: "displayName")) }
            user.displayName = name
        }
        if let about = request.about {
            guard about.count <= 160 else { throw Problem(Fault(.invalid, "Too long.", field: "about")) }
            user.about = about.isEmpty ? nil : about
        }
        users[user.id] = user
        return user
    }

    private mutating func change(_ request: ChangePassword) throws(Problem) -> AuthenticatedUser {
        let current = try open(
            request.currentPassword, for: ChangePassword.currentPasswordBinding(user: request.user))
        let new = try open(request.newPassword, for: ChangePassword.newPasswordBinding(user: request.user))
        guard let user = users[request.user], passwords[user.id] == current else {
            throw Problem(Fault(.wrongCredentials, "Wrong password."))
        }
        guard new.utf8.count >= 8 else {
            throw Problem(Fault(.weakPassword, "Too short.", field: "newPassword"))
        }
        passwords[user.id] = new
        versions[user.id] = request.credentialVersion + 1
        return authenticated(user)
    }

    private func lookUp(_ request: LookUpUsers) -> UserList {
        let byName = request.usernames.compactMap { user(named: $0) }
        return UserList(users: request.ids.compactMap { users[$0] } + byName)
    }

    private func list(_ request: ListUsers) -> UserList {
        let found = users.values.filter { $0.username.lowercased().hasPrefix(request.prefix.lowercased()) }
            .filter { user in request.after.map { user.username.lowercased() > $0.lowercased() } ?? true }
            .sorted { $0.username.lowercased() < $1.username.lowercased() }
        return UserList(
            users: Array(found.prefix(request.limit)),
            next: found.count > request.limit ? found[request.limit - 1].username : nil)
    }

    private func find(_ request: FindUsers) -> UserList {
        let found = users.values.filter {
            "\($0.username)\n\($0.displayName)".lowercased().contains(request.text.lowercased())
        }
        return UserList(users: Array(found.sorted { $0.username < $1.username }.prefix(request.limit)))
    }

    private func chatPeople(_ request: ReadChatPeople) -> ChatPeople {
        let people =
            request.text.isEmpty
            ? list(ListUsers(after: request.after, limit: request.limit))
            : find(FindUsers(text: request.text, limit: request.limit))
        return ChatPeople(
            accounts: lookUp(LookUpUsers(ids: request.ids, usernames: request.usernames)).users, people: .value(people))
    }

    private func chatPage(_ request: ReadChatPage) -> ChatPage {
        let shown = request.shown.map { shown -> ReplyPart<ShownConversation> in
            do throws(Problem) {
                let conversation = try conversation(shown.conversation, of: request.user)
                let stretch = shown.part.history(of: conversation, for: request.user, limit: shown.limit)
                return .value(ShownConversation(conversation: conversation, history: try history(stretch)))
            } catch {
                return .fault(Fault(.notFound, error.detail))
            }
        }
        return ChatPage(list: .value(conversations(of: request.user)), shown: shown)
    }

    private mutating func open(_ request: OpenDirectConversation) throws(Problem) -> Conversation {
        let id = ConversationID.direct(request.user, request.other)
        if conversations[id] == nil {
            conversations[id] = Conversation(
                id: id, form: .direct,
                members: Set([request.user, request.other]).sorted().map { .init(user: $0, received: 0, read: 0) },
                head: 0, unread: 0, lastMessage: nil, createdAt: Timestamp(milliseconds: 1_700_000_000_000))
            messages[id] = []
        }
        return try conversation(id, of: request.user)
    }

    func conversation(_ id: ConversationID, of user: UserID) throws(Problem) -> Conversation {
        guard var conversation = conversations[id], let member = conversation.members.first(where: { $0.user == user })
        else { throw Problem(Fault(.notFound, "There is no such conversation.")) }
        let all = messages[id] ?? []
        conversation.head = heads[id] ?? 0
        conversation.lastMessage = all.last
        conversation.unread = Int64(
            all.count { $0.sender != user && $0.seq > member.read && !$0.isDeleted && $0.line == nil })
        if let group = group(id, for: user) {
            let mentions = all.filter { $0.seq > member.read && $0.mentions(user) }.map(\.seq)
            conversation.mentions = mentions.isEmpty ? nil : mentions
            conversation.group = group
            conversation.members = [member]
        }
        return conversation
    }

    private func conversations(of user: UserID) -> ConversationPage {
        ConversationPage(
            conversations: conversations.keys.compactMap { try? conversation($0, of: user) }.sorted { $0.id < $1.id })
    }

    private mutating func send(_ request: SendMessage) throws(Problem) -> Message {
        _ = try conversation(request.conversation, of: request.sender)
        let all = messages[request.conversation] ?? []
        if let stored = all.first(where: {
            $0.sender == request.sender && $0.clientMessageId == request.clientMessageId
        }) {
            let sent = stored.original ?? ContentDigest(text: stored.text, replyTo: stored.replyTo?.seq)
            guard sent == ContentDigest(text: request.text, replyTo: request.replyTo) else {
                throw Problem(Fault(.clientMessageIDReused, "Used before.", field: "clientMessageId"))
            }
            return stored
        }
        let quoted = all.first { $0.seq == request.replyTo }
        if request.replyTo != nil, quoted == nil { throw Problem(.unknownQuote) }
        let seq = nextNumber(of: request.conversation)
        let message = Message(
            conversation: request.conversation, seq: seq, rev: seq, sender: request.sender,
            clientMessageId: request.clientMessageId, text: request.text,
            sentAt: Timestamp(milliseconds: 1_700_000_000_000 + seq * 60_000), replyTo: quoted.map { Quote($0) },
            mentions: mentions(request.mentions, in: request.conversation))
        messages[request.conversation] = all + [message]
        return message
    }

    func mentions(_ asked: [Mention]?, in id: ConversationID) -> [Mention] {
        guard let conversation = conversations[id], conversation.form == .group else { return [] }
        return (asked ?? []).filter { mention in
            mention.user == nil || conversation.members.contains { $0.user == mention.user }
        }
    }

    private func history(_ request: ReadHistory) throws(Problem) -> MessagePage {
        _ = try conversation(request.conversation, of: request.user)
        let all = messagesWithoutDeletedQuotes(of: request.conversation)
        var page = all.filter { message in
            (request.before.map { message.seq < $0 } ?? true) && (request.after.map { message.seq > $0 } ?? true)
        }
        page = request.after == nil ? Array(page.suffix(request.limit)) : Array(page.prefix(request.limit))
        return MessagePage(
            messages: page, head: heads[request.conversation] ?? 0,
            hasOlder: (page.first?.seq ?? 1) > all.first?.seq ?? 1,
            hasNewer: (page.last?.seq ?? .max) < all.last?.seq ?? 0)
    }

    private mutating func move(_ request: SetPosition) throws(Problem) -> PositionChanged {
        var conversation = try conversation(request.conversation, of: request.user)
        guard let index = conversation.members.firstIndex(where: { $0.user == request.user }) else {
            throw .notFound
        }
        let head = conversation.head
        var member = conversation.members[index]
        member.read = max(member.read, min(request.read ?? 0, head))
        member.received = max(member.received, member.read, min(request.received ?? 0, head))
        conversation.members[index] = member
        conversations[request.conversation] = conversation
        let unread = try self.conversation(request.conversation, of: request.user).unread
        return PositionChanged(
            conversation: request.conversation, user: request.user, received: member.received, read: member.read,
            unread: unread, head: head)
    }

    private mutating func markUnread(_ request: MarkUnread) throws(Problem) -> PositionChanged {
        var conversation = try conversation(request.conversation, of: request.user)
        guard let index = conversation.members.firstIndex(where: { $0.user == request.user }) else {
            throw .notFound
        }
        var member = conversation.members[index]
        if member.unreadMarks ?? 0 == request.unreadMarks, request.from <= member.read {
            member.read = request.from - 1
            member.unreadMarks = request.unreadMarks + 1
        }
        conversation.members[index] = member
        conversations[request.conversation] = conversation
        return PositionChanged(
            conversation: request.conversation, user: request.user, received: member.received, read: member.read,
            unread: try self.conversation(request.conversation, of: request.user).unread, head: conversation.head,
            unreadMarks: member.unreadMarks)
    }

    private mutating func change(
        _ request: ChangeConversationSettings
    ) throws(Problem) -> ConversationSettingsChanged {
        var conversation = try conversation(request.conversation, of: request.user)
        guard let index = conversation.members.firstIndex(where: { $0.user == request.user }) else { throw .notFound }
        var settings = conversation.members[index].settings ?? ConversationSettings(version: 0)
        settings.version += 1
        if let pinned = request.pinned { settings.pinnedAt = pinned ? .now : nil }
        if let muted = request.muted {
            settings.isMuted = muted
            settings.mutedUntil = request.mutedUntil
            settings.tellsMentions = request.tellsMentions == true ? true : nil
        }
        if let archived = request.archived {
            settings.archivedThrough = archived ? request.archivedThrough ?? conversation.head : nil
        }
        if let blocked = request.blocked { settings.isBlocked = blocked }
        if let answer = request.request, settings.request != nil {
            settings.request = answer == .accepted ? nil : .declined
        }
        conversation.members[index].settings = settings
        conversations[request.conversation] = conversation
        return ConversationSettingsChanged(conversation: request.conversation, settings: settings)
    }

    private func sync(_ request: SyncChanges) -> SyncResponse {
        let mine = conversations(of: request.user).conversations
        let changes = request.cursors.compactMap { id, cursor -> ConversationChanges? in
            guard let conversation = mine.first(where: { $0.id == id }), conversation.head != cursor else { return nil }
            let all = messagesWithoutDeletedQuotes(of: id)
            guard cursor < conversation.head else {
                return ConversationChanges(
                    conversation: id, cursor: conversation.head, messages: all.suffix(Limits.pageSize), reset: true,
                    hasOlder: all.count > Limits.pageSize)
            }
            return ConversationChanges(
                conversation: id, cursor: conversation.head,
                messages: all.filter { $0.rev > cursor }.sorted { $0.rev < $1.rev }, reset: false,
                hasOlder: cursor > 0)
        }
        return SyncResponse(conversations: mine, changes: changes, more: false)
    }

    private func heads(_ request: RecentHeads) -> RecentHeadsResponse {
        var heads: [UserID: [ConversationID: Int64]] = [:]
        for user in request.users {
            let mine = conversations(of: user).conversations
            if !mine.isEmpty { heads[user] = Dictionary(uniqueKeysWithValues: mine.map { ($0.id, $0.head) }) }
        }
        return RecentHeadsResponse(heads: heads)
    }
}
