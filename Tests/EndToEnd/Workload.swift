import ChatContracts
import Foundation
import Synchronization
import TestSupport
import Testing

/// Pairs of people who write to each other while something is done to the servers, and what must be true afterwards.
struct Workload: Sendable {
    /// One conversation: both write, each one message at a time, and both follow it live.
    struct Pair: Sendable {
        var one: ChatClient
        var other: ChatClient
        var conversation: ConversationID
        var readers: [LiveReader]
    }

    /// What a sender was told, in the order of sending.
    struct Sent: Sendable {
        var id: ClientMessageID
        var sender: UserID
        var text: String
        var acknowledged: Message
    }

    var pairs: [Pair]

    /// Signs up two people for each conversation, at different gateways, and opens the conversations.
    static func prepare(conversations: Int, gateways: [String]) async throws -> Workload {
        let reversed = Array(gateways.reversed())
        let run = String(UserID.random().description.prefix(8))
        let pairs = try await withThrowingTaskGroup(of: Pair.self) { group in
            for number in 0..<conversations {
                group.addTask {
                    let one = try await ChatClient.signUp("one.\(run).\(number)", gateways: gateways)
                    let other = try await ChatClient.signUp("other.\(run).\(number)", gateways: reversed)
                    let conversation = try await one.open(with: other.username)
                    return Pair(
                        one: one, other: other, conversation: conversation,
                        readers: [one, other].map { LiveReader(client: $0, conversation: conversation) })
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        return Workload(pairs: pairs)
    }

    /// Tells the writers to stop.
    private final class End: Sendable {
        let hasCome = Atomic(false)
    }

    /// Lets everybody write until `disturb` has returned and a little longer, then checks every promise.
    ///
    /// - Returns: the number of messages that were acknowledged.
    @discardableResult
    func run(_ disturb: @Sendable @escaping () async throws -> Void) async throws -> Int {
        let end = End()
        let readers = Task {
            await withDiscardingTaskGroup { group in
                for reader in pairs.flatMap(\.readers) { group.addTask { await reader.run() } }
            }
        }
        defer { readers.cancel() }

        let sent = try await withThrowingTaskGroup(of: (Int, [Sent]).self) { group in
            for (index, pair) in pairs.enumerated() {
                for client in [pair.one, pair.other] {
                    group.addTask {
                        var sent: [Sent] = []
                        while !end.hasCome.load(ordering: .relaxed) {
                            let id = ClientMessageID.random()
                            let text = "\(client.username) writes line \(sent.count)"
                            let message = try await client.send(text, to: pair.conversation, id: id)
                            let sender = try #require(client.user).id
                            sent.append(Sent(id: id, sender: sender, text: text, acknowledged: message))
                            try await Task.sleep(for: .milliseconds(Int.random(in: 20...80)))
                        }
                        return (index, sent)
                    }
                }
            }
            group.addTask {
                defer { end.hasCome.store(true, ordering: .relaxed) }
                try await disturb()
                return (-1, [])
            }
            return try await group.reduce(into: [(Int, [Sent])]()) { $0.append($1) }
        }
        for (index, pair) in pairs.enumerated() {
            try await check(pair, sent: sent.filter { $0.0 == index }.map(\.1))
        }
        return sent.reduce(0) { $0 + $1.1.count }
    }

    /// Acknowledged is stored, once, where the sender was told; one order without holes; each sender's own order kept;
    /// and what both live readers showed is exactly the stored conversation.
    private func check(_ pair: Pair, sent: [[Sent]]) async throws {
        let stored = try await pair.one.history(of: pair.conversation)
        let name = "conversation of \(pair.one.username)"
        #expect(stored.map(\.seq) == stored.indices.map { Int64($0 + 1) }, "\(name): contiguous")
        let bySeq = Dictionary(stored.map { ($0.seq, $0) }) { first, _ in first }
        for each in sent.joined() {
            let found = bySeq[each.acknowledged.seq]
            #expect(found == each.acknowledged, "\(name): acknowledged is stored where the sender was told")
            #expect(found?.clientMessageId == each.id && found?.text == each.text, "\(name): the right message")
        }
        let all = sent.joined()
        #expect(stored.count == all.count, "\(name): nothing lost, nothing doubled, nothing invented")
        #expect(Set(stored.map { "\($0.sender) \($0.clientMessageId)" }).count == stored.count, "\(name): once")
        for own in sent {
            #expect(own.map(\.acknowledged.seq) == own.map(\.acknowledged.seq).sorted(), "\(name): the sender's order")
        }
        for reader in pair.readers {
            try await eventually("\(name): a live reader shows everything", within: .seconds(45)) {
                reader.messages.count >= stored.count
            }
            #expect(reader.messages == stored, "\(name): what was shown live is what is stored")
        }
    }
}
