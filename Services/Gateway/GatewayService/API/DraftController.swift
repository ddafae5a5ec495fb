import ChatContracts
import Hummingbird
import JSON
import Logging
import MongoStore

/// What somebody has begun to write, on all of their devices. The newest counts.
struct DraftController: Sendable {
    /// Tells a user's devices of a draft, without waiting.
    typealias Announce = @Sendable (Draft, UserID) -> Void

    let store: any DraftStore
    let announce: Announce

    /// A draft is no older than this, whatever a device says.
    private static let longestAge: Int64 = 365 * 86_400_000

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("drafts", .ordinary) { try await list($0, $1) }
        routes.put("conversations/:id/draft", .ordinary) { try await save($0, $1) }
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let since = try FormFields(queryOf: request).time("since")
        let found = try await kept(context) { () async throws(MongoError) in
            try await store.drafts(of: session.user, since: since)
        }
        var writer = JSONWriter(capacity: 128)
        writer.object { object in
            object.name("drafts")
            object.array { array in for draft in found.drafts { draft.write(to: &array) } }
            object.name("asOf")
            object.string(found.asOf.description)
        }
        return .json(writer.bytes)
    }

    private func save(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let session = try context.requireSession()
        let conversation = try context.identifier("id", as: ConversationID.self)
        let body = try await JSONBody(of: request, context: context, fields: ["text", "replyTo", "age"])
        let text = try body.string("text")
        guard text.utf8.count <= Draft.mostBytes else {
            throw Problem.invalid("text", "A draft may have at most \(Draft.mostBytes) bytes.")
        }
        let replyTo = try body.optionalInteger("replyTo", in: 1...Int64.max)
        let age = min(try body.optionalInteger("age", in: 0...Int64.max) ?? 0, Self.longestAge)
        let written = WrittenDraft(conversation: conversation, text: text, replyTo: replyTo, age: age)
        let kept = try await kept(context) { () async throws(MongoError) in
            try await store.save(written, of: session.user)
        }
        // Also if another one was newer: a device that writes over it has not heard of it.
        announce(kept, session.user)
        return .json(kept.json)
    }

    private func kept<Value>(
        _ context: GatewayContext, _ body: () async throws(MongoError) -> Value
    ) async throws(Problem) -> Value {
        do throws(MongoError) {
            return try await body()
        } catch {
            context.logger.warning("Drafts cannot be kept or read.", metadata: ["error": "\(error)"])
            throw .unavailable("Drafts")
        }
    }
}
