import BrokerAdministration
import ChatContracts
public import FaultHistory
import Foundation
import LocalStack
import MongoStore
import StackCommand

// What is stored when all has come to rest.
extension Cluster {
    /// Reads everything: conversations, messages and accounts with majority, and the broker's queues. Dead letters stay
    /// where they are.
    public nonisolated func finalState() async throws(ClusterError) -> FinalState {
        FinalState(
            conversations: try await storedConversations(), groups: try await storedGroups(),
            accounts: try await storedAccounts(), deadLetters: try await deadLetters(), queues: try await queueStates())
    }

    /// The queues with their lengths.
    public nonisolated func queueStates() async throws(ClusterError) -> [QueueState] {
        try await queues().map { queue in
            let purpose: QueueState.Purpose =
                if queue.name.hasSuffix(".dead-letters") {
                    .deadLetters
                } else if queue.name.hasPrefix("gateway.") {
                    .process
                } else {
                    .work
                }
            return QueueState(
                name: queue.name, purpose: purpose, ready: Int64(queue.ready ?? 0),
                unacknowledged: Int64(queue.unacknowledged ?? 0), consumers: Int64(queue.consumers ?? 0))
        }
    }

    /// Waits until every queue that holds work is empty, and the queues of processes that are gone are gone too.
    /// - Returns: whether that came to be in time.
    public nonisolated func waitUntilDrained(within limit: Duration = .seconds(60)) async -> Bool {
        let end = ContinuousClock.now + limit
        var emptyAnswers = 0
        while ContinuousClock.now < end {
            let queues = try? await queueStates()
            let isEmpty =
                queues?.allSatisfy { queue in
                    switch queue.purpose {
                    case .work: queue.ready + queue.unacknowledged == 0
                    case .process: queue.consumers > 0
                    case .deadLetters: true
                    }
                } ?? false
            emptyAnswers = isEmpty ? emptyAnswers + 1 : 0
            // The broker's numbers are up to two seconds old, so one empty answer may be from before the last command.
            if emptyAnswers == 4 { return true }
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return false }
        }
        return false
    }

    private nonisolated func storedConversations() async throws(ClusterError) -> [StoredConversation] {
        let database = try await serviceDatabase("messages")
        do {
            var messages: [String: [SeenMessage]] = [:]
            var markers: [String: [StoredConversation.Marker]] = [:]
            let groups = try await groupIDs(in: database)
            for document in try await database.collection("messages").find(maxTime: .seconds(60)) {
                let (conversation, number) = try place(of: document)
                if groups.contains(conversation) { continue }
                if let seq = try document.optionalInt64("m") {
                    let message = try document.optionalDocument("n")
                    markers[conversation, default: []].append(
                        .init(
                            number: number, seq: seq, previous: try document.optionalInt64("p"),
                            message: try message.map { content throws(BSONError) in
                                try storedMessage(content, seq: seq)
                            }))
                } else {
                    messages[conversation, default: []].append(try storedMessage(document, seq: number))
                }
            }
            var conversations: [StoredConversation] = []
            for document in try await database.collection("conversations").find(maxTime: .seconds(60)) {
                let id = try hexadecimal(document.binary("_id"))
                if groups.contains(id) { continue }
                let members = try document.documents("u").map { member in
                    StoredConversation.Member(
                        user: hexadecimal(try member.binary("i")), received: try member.int64("f"),
                        read: try member.int64("r"), settings: try storedSettings(member))
                }
                let own = messages.removeValue(forKey: id) ?? []
                // A lane that died has left its mark, and with it a head that may be behind.
                let isMarked = try document.optionalInt64("p") != nil
                conversations.append(
                    StoredConversation(
                        conversation: id, members: members, messages: own.sorted { $0.seq < $1.seq },
                        head: isMarked ? nil : try document.int64("h"),
                        markers: (markers.removeValue(forKey: id) ?? []).sorted { $0.number < $1.number },
                        summary: try storedSummary(document)))
            }
            // Messages without a conversation are a finding too, and must not be dropped here.
            for id in Set(messages.keys).union(markers.keys) {
                conversations.append(
                    StoredConversation(
                        conversation: id, members: [], messages: (messages[id] ?? []).sorted { $0.seq < $1.seq },
                        markers: (markers[id] ?? []).sorted { $0.number < $1.number }))
            }
            return conversations.sorted { $0.conversation < $1.conversation }
        } catch {
            throw ClusterError("the stored conversations cannot be read", cause: error)
        }
    }

    private nonisolated func storedSummary(
        _ conversation: BSONDocument
    ) throws(BSONError) -> StoredConversation.Summary {
        var summary = StoredConversation.Summary(
            head: try conversation.int64("h"), messages: try conversation.int64("n"), sent: [:], readOfOthers: [:])
        for member in try conversation.documents("u") {
            let user = hexadecimal(try member.binary("i"))
            summary.sent[user] = try member.int64("s")
            summary.readOfOthers[user] = try member.int64("v")
        }
        if let last = try conversation.optionalDocument("l") {
            summary.last = try storedMessage(last, seq: try last.int64("q"))
        }
        return summary
    }

    private nonisolated func storedSettings(_ member: BSONDocument) throws(BSONError) -> SeenSettings? {
        guard let settings = try member.optionalDocument("g") else { return nil }
        return SeenSettings(
            version: try settings.int64("v"), pinnedAt: try settings.optionalDate("p"),
            isMuted: try settings.optionalBool("m") ?? false, archivedThrough: try settings.optionalInt64("a"))
    }

    private nonisolated func storedMessage(_ document: BSONDocument, seq: Int64) throws(BSONError) -> SeenMessage {
        var reactions: [String: [String]] = [:]
        for reaction in try document.optionalDocuments("y") ?? [] {
            reactions[try reaction.string("e")] = try reaction.binaries("u").map(hexadecimal)
        }
        return SeenMessage(
            seq: seq, rev: try document.int64("r"), sender: hexadecimal(try document.binary("s")),
            id: hexadecimal(try document.binary("i")), hash: TextHash.of(try document.string("t")),
            state: Alterations(
                edit: try document.optionalDocument("e")?.int64("r"),
                deleted: try document.optionalBool("x") ?? false, reactions: reactions,
                replyTo: try document.optionalDocument("a")?.int64("q")))
    }

    private nonisolated func storedAccounts() async throws(ClusterError) -> [StoredAccount] {
        let database = try await serviceDatabase("users")
        do {
            return try await database.collection("accounts").find(maxTime: .seconds(60)).map { document in
                StoredAccount(user: hexadecimal(try document.binary("_id")), username: try document.string("n"))
            }
        } catch {
            throw ClusterError("the stored accounts cannot be read", cause: error)
        }
    }

    private nonisolated func deadLetters() async throws(ClusterError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for queue in [Topology.messageDeadLetters, Topology.userDeadLetters] {
            let messages = try await askBroker { administration throws(BrokerAdministrationError) in
                try await administration.messages(in: queue, of: ServiceBuilder.virtualHost, upTo: 100_000)
            }
            for message in messages {
                let send = try? JSONDecoder().decode(SendMessage.self, from: message.body)
                letters.append(
                    DeadLetter(
                        queue: queue,
                        reason: message.headers["x-martlet-reason"] ?? message.headers["x-first-death-reason"] ?? "",
                        hash: TextHash.of(message.body), conversation: send.map { "\($0.conversation)" },
                        sender: send.map { "\($0.sender)" }, id: send.map { "\($0.clientMessageId)" }))
            }
        }
        return letters
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
