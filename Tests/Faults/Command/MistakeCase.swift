import FaultChecker

/// A mistake and the faults that have to bring it to light, the likeliest first.
struct MistakeCase: Sendable {
    /// As the services or the virtual users know it.
    var name: String
    /// What is wrong, for people.
    var summary: String
    /// What it can break. Nothing else counts: a violation that a busy machine explains would hide that the mistake was missed.
    var breaks: Set<Invariant>
    /// Each with commas between faults that follow one another in one run.
    var faults: [String]

    /// What is stored, and what is seen of it.
    private static let messages: Set<Invariant> = [
        .durability, .atMostOnce, .noPhantom, .contiguity, .agreement, .stability, .realTimeOrder, .senderOrder,
        .idempotentAnswer, .view, .changes,
    ]
    private static let sessions: Set<Invariant> = [.isolation, .uniqueness]

    static let all = [
        MistakeCase(
            name: "weak-write-concern", summary: "w: 1 instead of majority", breaks: messages,
            faults: ["F8/primary", "F5/primary"]),
        MistakeCase(
            name: "ack-before-commit", summary: "commands are acknowledged before their messages are stored",
            breaks: messages,
            // Only what is taken in the moment of the cut is lost, and half of it is sent again: once may not be enough.
            faults: ["F9/messages-database", "F10", "F9/messages-database", "F1"]),
        MistakeCase(
            name: "ack-before-event-confirm", summary: "commands are acknowledged before the broker has their events",
            breaks: [.convergence],
            faults: ["F22/rights", "F12/events", "F12/confirm"]),
        MistakeCase(
            name: "no-duplicate-check", summary: "nobody looks whether a message is stored already", breaks: messages,
            faults: ["F19", "F12/response"]),
        MistakeCase(
            name: "unordered-insert", summary: "ordered: false", breaks: messages,
            faults: ["F19", "F7/messages", "F24", "F5/primary"]),
        MistakeCase(
            name: "two-batches-in-flight", summary: "two batches of a lane at once", breaks: messages,
            faults: ["F5/primary", "F10", "F19"]),
        MistakeCase(
            name: "reply-before-commit", summary: "senders are answered before their messages are stored",
            breaks: messages,
            faults: ["F5/primary", "F10", "F1"]),
        MistakeCase(
            name: "no-resync", summary: "a gateway that lost events does not tell its streams", breaks: [.convergence],
            faults: ["F9/gateway-events", "F22/events", "F15"]),
        MistakeCase(
            name: "revocation-not-published", summary: "the other gateways are not told that sessions ended",
            breaks: sessions,
            // Several, because a stream may bring messages for fifteen seconds after its session has ended.
            faults: ["F24,F19,F3", "F1,F20,F5/primary"]),
        MistakeCase(
            name: "members-not-asked-again", summary: "a gateway delivers to the members that it knew first",
            breaks: [.isolation], faults: ["F28", "F2", "F3"]),
        MistakeCase(
            name: "members-never-forgotten", summary: "a gateway delivers also to former members",
            breaks: [.isolation], faults: ["F28", "F2", "F3"]),
        MistakeCase(
            name: "history-before-joining", summary: "new members see what was written before they joined",
            breaks: [.isolation], faults: ["F2", "F3"]),
        MistakeCase(
            name: "never-syncs", summary: "a page does not sync after reconnecting", breaks: [.convergence],
            faults: ["F2", "F23/reconnects"]),
    ]
}
