public import MessageBus

/// The dead letters, numbered, and what can be done with them.
///
/// The desk holds the letters unacknowledged as long as it is open, so that no other operator can replay them meanwhile.
/// ``close()`` requeues all that were not replayed; so does the end of the connection.
public struct DeadLetterDesk: Sendable {
    /// A letter with its number and mark.
    public struct Entry: Sendable {
        /// Counts the letters of all queues, from 1; it changes when an earlier letter is gone.
        public var number: Int
        public var letter: DeadLetteredCommand

        /// Stays the same for as long as the letter exists.
        public var mark: String { LetterMark.of(letter) }
    }

    public enum Outcome: Sendable {
        /// It is on its way in this queue, and the letter is gone.
        case replayed(to: String)
        /// No service could carry it out; the letter stays.
        case refused(reason: String)
        /// The broker did not confirm it; the letter stays.
        case failed(BusError)
    }

    public let entries: [Entry]
    /// The queues that hold more letters than were taken.
    public let queuesWithMore: [String]
    private let queues: [(name: String, open: OpenDeadLetters)]

    /// - Parameter limit: the maximum number of letters read from each queue
    public static func open(
        _ bus: MessageBus, queues names: [String], atMost limit: Int
    ) async throws(BusError) -> DeadLetterDesk {
        var queues: [(String, OpenDeadLetters)] = []
        for name in names { queues.append((name, try await bus.openDeadLetters(name, atMost: limit))) }
        return DeadLetterDesk(queues: queues)
    }

    private init(queues: [(String, OpenDeadLetters)]) {
        self.queues = queues
        entries = queues.flatMap(\.1.letters).enumerated().map { Entry(number: $0 + 1, letter: $1) }
        queuesWithMore = queues.filter(\.1.areMore).map(\.0)
    }

    /// The letters with this number or mark.
    public func find(_ name: String) -> [Entry] {
        entries.filter { name.count == LetterMark.length ? $0.mark == name : String($0.number) == name }
    }

    /// Publishes the command again, if a service can carry it out.
    public func replay(_ entry: Entry) async -> Outcome {
        let destination: String
        switch Replay.destination(of: entry.letter.command) {
        case .success(let queue): destination = queue
        case .failure(let obstacle): return .refused(reason: obstacle.reason)
        }
        guard let queue = queues.first(where: { $0.name == entry.letter.deadLetterQueue }) else {
            return .refused(reason: "its queue is not open")
        }
        do throws(BusError) {
            try await queue.open.replay(entry.letter, to: destination)
            return .replayed(to: destination)
        } catch {
            return .failed(error)
        }
    }

    /// Requeues what was not replayed.
    public func close() async {
        for queue in queues { await queue.open.close() }
    }
}

/// A short name of a letter, made from what it holds: numbers move when letters go.
enum LetterMark {
    static let length = 8

    static func of(_ letter: DeadLetteredCommand) -> String {
        var hash: UInt32 = 0x811c_9dc5
        for part in [letter.deadLetterQueue, letter.command.type, letter.command.correlationID] {
            for byte in part.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        }
        for byte in letter.command.body { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: length - digits.count) + digits
    }
}
