import Synchronization

/// What the nemesis counts of what it did, because nobody else does.
public enum NemesisCounter: String, Sendable, CaseIterable {
    /// Nodes that were killed.
    case kills
    /// Nodes that were stopped in order.
    case stops
    /// Nodes that were frozen.
    case pauses
    /// Members of queues that disagreed with the others and were replaced.
    case membersReplaced
    /// Logs of quorum queues that ended with all members at their node.
    case logsEnded
    /// Pairs of nodes that no longer heard each other.
    case cuts
    /// Documents that only a primary which was cut off had.
    case canariesWritten
    /// Of these, those that are gone.
    case canariesVanished
    /// Alarms that were raised at brokers.
    case alarms
    /// Disks that were filled.
    case fullDisks
    /// Steps of clocks.
    case clockSteps
    /// Exchanges and queues that were deleted.
    case deletions
    /// Live streams that were held open by nobody.
    case idleStreams
    /// Sign-ins that were attempted at once.
    case signInsAtOnce
}

public final class NemesisCounts: Sendable {
    private let counts = Mutex<[NemesisCounter: Int]>([:])

    public init() {}

    func add(_ number: Int = 1, to counter: NemesisCounter) {
        counts.withLock { $0[counter, default: 0] += number }
    }

    /// By the names that traces use; every counter is there from the beginning.
    public var values: [String: Double] {
        counts.withLock { counts in
            Dictionary(
                uniqueKeysWithValues: NemesisCounter.allCases.map {
                    ("nemesis.\($0.rawValue)", Double(counts[$0] ?? 0))
                })
        }
    }
}
