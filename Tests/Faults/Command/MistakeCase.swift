/// A mistake and the faults that have to bring it to light, the likeliest first.
struct MistakeCase: Sendable {
    /// As the services or the virtual users know it.
    var name: String
    /// What is wrong, for people.
    var summary: String
    /// Each with commas between faults that follow one another in one run.
    var faults: [String]

    static let all = [
        MistakeCase(
            name: "weak-write-concern", summary: "w: 1 instead of majority",
            faults: ["F8/primary", "F5/primary"]),
        MistakeCase(
            name: "ack-before-commit", summary: "commands are acknowledged before their messages are stored",
            // Only what is taken in the moment of the cut is lost, and half of it is sent again: once may not be enough.
            faults: ["F9/messages-database", "F10", "F9/messages-database", "F1"]),
        MistakeCase(
            name: "ack-before-event-confirm", summary: "commands are acknowledged before the broker has their events",
            faults: ["F22/rights", "F12/events", "F12/confirm"]),
        MistakeCase(
            name: "no-duplicate-check", summary: "nobody looks whether a message is stored already",
            faults: ["F19", "F12/response"]),
        MistakeCase(
            name: "unordered-insert", summary: "ordered: false",
            faults: ["F19", "F7/messages", "F24", "F5/primary"]),
        MistakeCase(
            name: "two-batches-in-flight", summary: "two batches of a lane at once",
            faults: ["F5/primary", "F10", "F19"]),
        MistakeCase(
            name: "reply-before-commit", summary: "senders are answered before their messages are stored",
            faults: ["F5/primary", "F10", "F1"]),
        MistakeCase(
            name: "no-resync", summary: "a gateway that lost events does not tell its streams",
            faults: ["F9/gateway-events", "F22/events", "F15"]),
        MistakeCase(
            name: "revocation-not-published", summary: "the other gateways are not told that sessions ended",
            // Several, because a stream may bring messages for fifteen seconds after its session has ended.
            faults: ["F24,F19,F3", "F1,F20,F5/primary"]),
        MistakeCase(
            name: "never-syncs", summary: "a page does not sync after reconnecting",
            faults: ["F2", "F23/reconnects"]),
    ]
}
