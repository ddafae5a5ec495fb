import ChatContracts

/// How far one of the reader's own messages has come with the other one.
enum MessageProgress: String {
    case sent, delivered, read

    /// - Parameters:
    ///   - seq: The message.
    ///   - received: How far the other one has received.
    ///   - read: How far the other one has read.
    init(of seq: Int64, received: Int64, read: Int64) {
        self = seq <= read ? .read : seq <= received ? .delivered : .sent
    }

    /// For people.
    var words: String {
        switch self {
        case .sent: "Sent"
        case .delivered: "Delivered"
        case .read: "Read"
        }
    }

    /// The name of its icon.
    var icon: String { self == .sent ? "tick" : "ticks" }
}

/// Runs of messages, and what each shows of its time and state. The script does the same (runs.js), so that nothing moves
/// when it takes the page over.
struct MessageRuns {
    struct Entry {
        var sender: UserID
        var sentAt: Timestamp
        /// Nil for others' messages.
        var progress: MessageProgress?
        /// Whether a day's heading or another line stands before it.
        var starts: Bool
    }

    /// How a message looks beside the others.
    struct Look: Equatable {
        /// It begins a run.
        var first: Bool
        /// It ends a run.
        var last: Bool
        /// Its time stands: it is the last of its minute in the run.
        var timed: Bool
        /// Its tick stands: the next one of the run has another, or there is none.
        var ticked: Bool
    }

    /// At most this much time lies between two messages of a run, in milliseconds.
    private static let longestPause: Int64 = 5 * 60_000

    static func looks(of entries: [Entry]) -> [Look] {
        entries.indices.map { index in
            let entry = entries[index]
            let next = index + 1 < entries.count ? entries[index + 1] : nil
            let following = next.flatMap { joins(entry, $0) ? $0 : nil }
            return Look(
                first: index == 0 || !joins(entries[index - 1], entry), last: following == nil,
                timed: following.map { minute(of: $0) != minute(of: entry) } ?? true,
                ticked: entry.progress != nil && (following.map { $0.progress != entry.progress } ?? true))
        }
    }

    private static func joins(_ one: Entry, _ next: Entry) -> Bool {
        !next.starts && one.sender == next.sender
            && next.sentAt.milliseconds - one.sentAt.milliseconds <= longestPause
    }

    private static func minute(of entry: Entry) -> Int64 {
        let milliseconds = entry.sentAt.milliseconds
        return milliseconds >= 0 ? milliseconds / 60_000 : (milliseconds + 1) / 60_000 - 1
    }
}

extension Emoji {
    /// How many emoji a text is, if it is nothing else and at most three; else 0. The script counts the same (format.js).
    static func count(in text: String) -> Int {
        // Nearly every text ends here.
        guard text.utf16.count <= 100, !text.unicodeScalars.contains(where: \.properties.isAlphabetic) else { return 0 }
        let parts = text.filter { !$0.isWhitespace }
        return parts.count <= 3 && parts.allSatisfy { isOne(String($0)) } ? parts.count : 0
    }
}
