import ChatContracts
import FaultHistory
import Foundation

/// A change of a message that somebody wants.
struct ChangeRequest: Sendable {
    enum Action: Sendable {
        /// `of`: the number that wrote the text to be replaced.
        case edit(text: String, of: Int64)
        case delete
        case react(String)
        case unreact(String)
    }

    /// Tells its attempts from those of others; only for the history.
    var id: String
    var seq: Int64
    var action: Action

    /// Method, the rest of the path after the message's own, and body.
    var call: (method: String, path: String, body: [UInt8]?) {
        struct Form: Encodable {
            var text: String
            var rev: Int64
        }
        switch action {
        case .edit(let text, let number): return ("PATCH", "", FaultWorkload.body(Form(text: text, rev: number)))
        case .delete: return ("DELETE", "", nil)
        case .react(let emoji): return ("PUT", "/reactions/" + Self.escaped(emoji), nil)
        case .unreact(let emoji): return ("DELETE", "/reactions/" + Self.escaped(emoji), nil)
        }
    }

    private static func escaped(_ emoji: String) -> String {
        emoji.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// What the history says when it is asked for.
    func invoked(
        op: Int64, in conversation: ConversationID, as account: Account, _ session: Session,
        at gateway: WorkloadConfiguration.Gateway, attempt: Int
    ) -> ChangeInvoked {
        var event = ChangeInvoked(
            op: op, conversation: conversation.description, seq: seq, user: account.id.description,
            session: session.name, gateway: gateway.name, id: id, attempt: attempt, action: .delete)
        switch action {
        case .edit(let text, let number):
            event.action = .edit
            event.hash = TextHash.of(text)
            event.of = number
        case .delete: break
        case .react(let emoji):
            event.action = .react
            event.emoji = emoji
        case .unreact(let emoji):
            event.action = .unreact
            event.emoji = emoji
        }
        return event
    }
}

extension RunContext {
    /// One attempt to change a message.
    ///
    /// - Returns: with a success or a conflict the message as the answer had it, if it had it.
    func change(
        _ request: ChangeRequest, in conversation: ConversationID, as account: Account, _ session: Session,
        at gateway: WorkloadConfiguration.Gateway, attempt: Int, by process: String
    ) async -> (Verdict, Entry?) {
        struct Conflict: Decodable { var message: Entry }
        let call = request.call
        var entry: Entry?
        let verdict = await carryOut(
            Operation(
                process: process, method: call.method,
                path: "/api/v1/conversations/\(conversation)/messages/\(request.seq)" + call.path, body: call.body,
                gateway: gateway, cookie: session.cookie, changes: true),
            invoked: {
                .changeInvoked(
                    request.invoked(
                        op: $0, in: conversation, as: account, session, at: gateway, attempt: attempt))
            },
            succeeded: { op, answer in
                entry = answer.decode(Entry.self)
                return .changeAcknowledged(ChangeAcknowledged(op: op, message: entry.map(SeenMessage.init)))
            },
            present: { answer in
                entry = answer.status == 409 ? answer.decode(Conflict.self)?.message : nil
                return entry.map(SeenMessage.init)
            })
        switch verdict {
        case .success: count { $0.changed += 1 }
        case .refused(409, _, _): count { $0.conflicts += 1 }
        case .refused: count { $0.refused += 1 }
        case .unknown: count { $0.unknown += 1 }
        }
        return (verdict, entry)
    }
}
