#if PlantedMistakes
    import Foundation

    /// Mistakes that this build can be told to make, so that the fault suite can be seen to notice them.
    ///
    /// One of them is chosen by the environment variable ``variable`` when the process starts. A build without the trait
    /// `PlantedMistakes` contains nothing of this.
    public enum PlantedMistake: String, Sendable, CaseIterable {
        /// Messages are acknowledged by the primary's memory alone.
        case weakWriteConcern = "weak-write-concern"
        /// Commands are acknowledged to the broker when their batch begins.
        case acknowledgesBeforeCommit = "ack-before-commit"
        /// Commands are acknowledged without waiting for the broker to have their events.
        case acknowledgesBeforeEventConfirm = "ack-before-event-confirm"
        /// The lane does not check whether a message is stored already, and no index forbids it.
        case noDuplicateCheck = "no-duplicate-check"
        /// An insertion goes on after a message that could not be stored.
        case unorderedInsert = "unordered-insert"
        /// A lane begins its next batch before it knows how the last one went, and counts on that it went well.
        case twoBatchesInFlight = "two-batches-in-flight"
        /// Senders get their replies before their messages are stored.
        case repliesBeforeCommit = "reply-before-commit"
        /// A gateway that lost its events does not tell its streams.
        case noResync = "no-resync"
        /// The other gateways are not told that sessions ended.
        case revocationNotPublished = "revocation-not-published"
        /// A gateway delivers what happens in a group to those whom it knew as members first.
        case membersNotAskedAgain = "members-not-asked-again"
        /// A gateway delivers what happens in a group also to those who were members once.
        case membersNeverForgotten = "members-never-forgotten"
        /// Whoever joins a group sees what was written before.
        case historyBeforeJoining = "history-before-joining"
        /// Streams are not told regularly where their conversations are. By itself this breaks no promise: it takes away
        /// the second line of defence, which would repair within half a minute what pages do wrong.
        case noDigests = "no-digests"

        /// The environment variable that names the mistake.
        public static let variable = "MARTLET_PLANTED_MISTAKE"

        private static let choice = ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }

        /// The mistake of this process; nil if it makes none.
        public static let chosen = choice.flatMap(PlantedMistake.init(rawValue:))

        /// Why the choice is none; nil if it is one, or nothing was chosen.
        fileprivate static var problem: String? {
            guard let choice, chosen == nil else { return nil }
            return "\(variable): '\(choice)' is none of \(allCases.map(\.rawValue).joined(separator: ", "))"
        }

        /// Whether streams are not told regularly where their conversations are, so that lost events stay lost.
        public static var withholdsDigests: Bool {
            chosen == noDigests || chosen == noResync || chosen == acknowledgesBeforeEventConfirm
        }
    }

    /// What a process says about how it was built.
    enum BuildVariant {
        /// Why it must not start.
        static var problem: String? { PlantedMistake.problem }
        /// What operators have to know.
        static var warning: String? {
            PlantedMistake.chosen.map { "this process has a planted mistake: \($0.rawValue)" }
        }
    }
#else
    /// What a process says about how it was built: nothing, unless mistakes are planted in it.
    enum BuildVariant {
        static let problem: String? = nil
        static let warning: String? = nil
    }
#endif
