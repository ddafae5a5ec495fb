import ChatContracts
import Hummingbird
import JSON
import Metrics

/// Conversations, their messages and positions. Who is a member is decided by the messages service.
struct ConversationController: Sendable {
    let requests: any Requests
    let directory: UserDirectory
    let sending: MessageSending
    private let gapsHealed = Counter(label: "martlet_gateway_gaps_healed")

    init(requests: any Requests, directory: UserDirectory, sending: MessageSending) {
        self.requests = requests
        self.directory = directory
        self.sending = sending
    }

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("conversations", .ordinary) { try await list($0, $1) }
        routes.post("conversations", .ordinary) { try await open($0, $1) }
        routes.get("conversations/:id", .ordinary) { try await show($0, $1) }
        routes.post("conversations/:id/messages", .send) { try await send($0, $1) }
        routes.get("conversations/:id/messages", .ordinary) { try await history($0, $1) }
        routes.put("conversations/:id/position", .ordinary) { try await setPosition($0, $1) }
        routes.post("conversations/:id/unread", .ordinary) { try await markUnread($0, $1) }
        routes.patch("conversations/:id/settings", .ordinary) { try await changeSettings($0, $1) }
        routes.post("sync", .ordinary) { try await sync($0, $1) }
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let query = FormFields(queryOf: request)
        let page = try await requests.callRaw(
            ListConversations(user: session.user, after: query["after"], limit: query.pageSize()),
            context: context.bus())
        return .json(try await directory.withUsers(page, context: context.bus()))
    }

    private func open(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let body = try await JSONBody(of: request, context: context, fields: ["username"])
        let other = try await directory.user(named: body.string("username"), context: context.bus())
        guard let other else { throw Problem(.notFound, .notFound, "Nobody has this username.", field: "username") }
        return .json(
            try await requests.callRaw(
                OpenDirectConversation(user: session.user, other: other.id), context: context.bus()))
    }

    private func show(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        return .json(
            try await requests.callRaw(
                GetConversation(
                    user: session.user, conversation: context.identifier("id", as: ConversationID.self)),
                context: context.bus()))
    }

    private func send(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(of: request, context: context, fields: SendMessage.fields)
        return .json(
            try await sending.send(SendMessage(body, in: conversation, by: session.user), context: context))
    }

    private func history(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let query = FormFields(queryOf: request)
        let before = try query.integer("before", in: 1...Int64.max)
        let after = try query.integer("after", in: 0...Int64.max)
        guard before == nil || after == nil else {
            throw Problem.invalid("after", "Give either before or after.")
        }
        let page = try await requests.callRaw(
            ReadHistory(
                user: session.user, conversation: conversation, before: before, after: after,
                limit: query.pageSize()),
            context: context.bus())
        return .json(try await directory.withUsers(page, context: context.bus()))
    }

    private func setPosition(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(of: request, context: context, fields: ["received", "read", "unreadMarks"])
        let received = try body.optionalInteger("received", in: 0...Int64.max)
        let read = try body.optionalInteger("read", in: 0...Int64.max)
        guard received != nil || read != nil else { throw Problem.invalid("read", "Give read, received or both.") }
        return .json(
            try await requests.callRaw(
                SetPosition(
                    conversation: conversation, user: session.user, received: received, read: read,
                    unreadMarks: try body.optionalInteger("unreadMarks", in: 0...Int64.max)),
                context: context.bus()))
    }

    private func markUnread(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(of: request, context: context, fields: ["from", "unreadMarks"])
        guard let from = try body.optionalInteger("from", in: 1...Int64.max) else {
            throw Problem.invalid("from", "Give the number of the first message that is to be unread.")
        }
        return .json(
            try await requests.callRaw(
                MarkUnread(
                    conversation: conversation, user: session.user, from: from,
                    unreadMarks: try body.optionalInteger("unreadMarks", in: 0...Int64.max) ?? 0),
                context: context.bus()))
    }

    private func changeSettings(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(of: request, context: context, fields: ChangeConversationSettings.fields)
        return .json(
            try await requests.callRaw(
                ChangeConversationSettings(body, of: conversation, by: session.user), context: context.bus()))
    }

    private func sync(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let body = try await JSONBody(of: request, context: context, fields: ["cursors", "recent", "gaps"])
        let recent = try body.optionalInteger("recent", in: 0...Int64(Limits.maximumPageSize))
        let gaps = try body.optionalInteger("gaps", in: 0...Int64(Limits.syncCursors))
        let response = try await requests.callRaw(
            SyncChanges(
                user: session.user, cursors: try Self.cursors(body),
                recent: recent.map { Int($0) } ?? Limits.pageSize),
            context: context.bus())
        if let gaps, gaps > 0 { gapsHealed.increment(by: gaps) }
        return .json(try await directory.withUsers(response, context: context.bus()))
    }

    static func cursors(_ body: JSONBody) throws(Problem) -> [ConversationID: Int64] {
        let members: [JSONValue.Member]
        switch body["cursors"] {
        case nil: return [:]
        case .object(let found)?: members = found
        default: throw .invalid("cursors", "This has to be an object: conversation to number.")
        }
        guard members.count <= Limits.syncCursors else {
            throw .invalid("cursors", "There may be up to \(Limits.syncCursors) cursors.")
        }
        var cursors: [ConversationID: Int64] = [:]
        for member in members {
            guard let id = ConversationID(member.name), case .integer(let cursor) = member.value, cursor >= 0 else {
                throw .invalid("cursors.\(member.name)", "A cursor is the id of a conversation and a whole number.")
            }
            cursors[id] = cursor
        }
        return cursors
    }
}
