import ChatContracts
import Foundation
import Logging
import MongoStore
import SetupCommand

/// The messages service's database, opened as the administrator of the stack: to see how large it is, and to fill it in
/// the documented form when sending through the front door would take too long.
struct MessageStorage: Sendable {
    private let database: MongoDatabase
    private let messages: MongoCollection
    private let conversations: MongoCollection

    /// Nil if the stack's folder or its database is not known.
    init?(_ stack: StackProcesses) throws {
        guard let folder = stack.folder, let address = stack.database else { return nil }
        let secrets = SecretsFolder(folder.appending(path: "secrets"))
        var configuration = MongoConfiguration(
            uri: "mongodb://\(address)/?replicaSet=martlet", database: "messages",
            username: SecretsFolder.administrator, password: try secrets.databaseAdministratorPassword())
        configuration.threads = 4
        configuration.socketTimeout = .seconds(120)
        database = try MongoDatabase(configuration: configuration, logger: Logger(label: "martlet.load"))
        messages = database.collection("messages")
        conversations = database.collection("conversations")
    }

    func close() async { await database.shutdown() }

    /// What the messages take.
    struct Size: Sendable, Codable {
        var messages: Int64
        /// Bytes of a message's document on average.
        var document: Double
        /// Bytes on disk for each message, compressed, and those of its indexes.
        var storage: Double
        var indexes: Double

        var line: String {
            "database: \(messages) messages, each \(document.text(0)) bytes as a document, \(storage.text(0)) on disk,"
                + " \(indexes.text(0)) in indexes"
        }
    }

    func size() async throws -> Size {
        // Without it the sizes are those of the last checkpoint, up to a minute ago.
        _ = try await database.runCommand(BSONDocument { $0.append("fsync", Int32(1)) }, database: "admin")
        let answer = try await database.runCommand(BSONDocument { $0.append("collStats", "messages") })
        let count = try answer.integer("count")
        let each = Double(max(1, count))
        return Size(
            messages: count, document: Double(try answer.integer("size")) / each,
            storage: Double(try answer.integer("storageSize")) / each,
            indexes: Double(try answer.integer("totalIndexSize")) / each)
    }

    // MARK: Filling

    /// Makes the conversation of two people with so many messages, written by both in turn.
    func fill(_ one: UserID, _ other: UserID, messages count: Int, progress: Progress) async throws -> ConversationID {
        let conversation = ConversationID.direct(one, other)
        let filling = Filling(conversation: conversation, one: one, other: other, count: Int64(count))
        try await insert(count, label: "messages of one conversation", progress: progress) { index in
            filling.message(Int64(index) + 1)
        }
        try await conversations.insert(filling.document)
        return conversation
    }

    /// Makes conversations of one person with others, each with one message.
    func fillList(of user: UserID, with others: [UserID]) async throws {
        let all = others.map { Filling(conversation: .direct(user, $0), one: user, other: $0, count: 1) }
        _ = try await messages.insertMany(all.map { $0.message(1) })
        let result = try await conversations.insertMany(all.map(\.document))
        guard result.failures.isEmpty else { throw LoadError("the conversations could not be stored") }
    }

    /// Makes messages in many conversations of people without accounts, until there are so many in all.
    func fill(total: Int, conversations width: Int = 5_000, progress: Progress) async throws {
        let present = Int(try await messages.count(BSONDocument()))
        guard total > present else { return }
        let each = Int64((total - present + width - 1) / width)
        let all = (0..<width).map { _ in
            let (one, other) = (UserID.random(), UserID.random())
            return Filling(conversation: .direct(one, other), one: one, other: other, count: each)
        }
        // The next message of each conversation in turn, as when all are written in at the same time.
        try await insert(total - present, label: "messages", progress: progress) { index in
            all[index % width].message(Int64(index / width) + 1)
        }
        for part in stride(from: 0, to: all.count, by: 1000) {
            let documents = all[part..<min(part + 1000, all.count)].enumerated().map { place, filling in
                filling.document(upTo: Int64((total - present - part - place + width - 1) / width))
            }
            _ = try await conversations.insertMany(documents)
        }
    }

    private func insert(
        _ count: Int, label: String, progress: Progress, _ document: @escaping @Sendable (Int) -> BSONDocument
    ) async throws {
        let size = 1000
        let begin = ContinuousClock.now
        var shown = begin
        for start in stride(from: 0, to: count, by: 4 * size) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for part in stride(from: start, to: min(start + 4 * size, count), by: size) {
                    group.addTask {
                        let documents = (part..<min(part + size, count)).map(document)
                        let result = try await messages.insertMany(documents, writeConcern: .primary)
                        if let failure = result.failures.first { throw LoadError("filling failed: \(failure.message)") }
                    }
                }
                try await group.waitForAll()
            }
            if ContinuousClock.now - shown > .seconds(5) {
                shown = .now
                progress.say("filled \(start) of \(count) \(label)")
            }
        }
        progress.say(
            "filled \(count) \(label) in \((ContinuousClock.now - begin).seconds.text(0)) s, into the database directly"
        )
    }
}

extension BSONDocument {
    /// A number that the server gives in whatever type it fits.
    func integer(_ key: String) throws -> Int64 {
        if let value = try? int64(key) { return value }
        if let value = try? double(key) { return Int64(value) }
        throw LoadError("the database does not say \(key)")
    }
}
