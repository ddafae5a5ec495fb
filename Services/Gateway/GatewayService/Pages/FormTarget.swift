import ChatContracts

/// The conversation that a form of its page is about.
struct FormTarget: Sendable {
    var conversation: ConversationID
    /// The other one; nil in a group.
    var user: User?
    /// The address of its page.
    var path: String

    /// - Throws: 404 if nobody has the username. Whether somebody is a member of a group is for the command to find out.
    init(
        _ address: ChatAddress, for me: UserID, _ directory: UserDirectory, _ context: BusContext
    ) async throws(Problem) {
        switch address {
        case .person(let username):
            guard let user = try await directory.user(named: username, context: context) else {
                throw .unknownReceiver(username)
            }
            self.user = user
            conversation = .direct(me, user.id)
            path = ChatAddress.person(user.username).path
        case .group(let id):
            conversation = id
            path = address.path
        }
    }

    var receiver: ChatReceiver { user.map { .account($0) } ?? .group(conversation) }
}
