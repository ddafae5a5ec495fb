/// What has to be true of every history, whatever fails.
public enum Invariant: String, Codable, Sendable, CaseIterable {
    case durability = "I1"
    case atMostOnce = "I2"
    case noPhantom = "I3"
    case contiguity = "I4"
    case agreement = "I5"
    case stability = "I6"
    case realTimeOrder = "I7"
    case senderOrder = "I8"
    case idempotentAnswer = "I9"
    case view = "I10"
    case convergence = "I11"
    case noSilentDrop = "I12"
    case isolation = "I13"
    case uniqueness = "I14"
    case recovery = "I15"
    case boundedOverload = "I16"
    case clockIndependence = "I17"
    case changes = "I18"
    case unread = "I19"

    /// In a few words.
    public var title: String {
        switch self {
        case .durability: "what was acknowledged is stored as it was acknowledged"
        case .atMostOnce: "no message is stored or shown twice"
        case .noPhantom: "nothing is stored or seen that nobody sent, or that was surely refused"
        case .contiguity: "every number up to the last is one message or one change"
        case .agreement: "everybody sees the same message at the same number"
        case .stability: "what was seen once is in every later read"
        case .realTimeOrder: "sent after another was seen means numbered after it"
        case .senderOrder: "the messages of a tab keep their order"
        case .idempotentAnswer: "every answer for a message names the same number"
        case .view: "a tab shows every message once and in order"
        case .convergence: "every connected tab ends with everything"
        case .noSilentDrop: "only poison is dead-lettered, and all of it"
        case .isolation: "only members receive a conversation, and no ended session receives anything"
        case .uniqueness: "one account for a name, and no ended session is accepted"
        case .recovery: "everything drains and recovers in time"
        case .boundedOverload: "memory and queues keep their bounds, refusals say when to come back"
        case .clockIndependence: "wrong clocks change nothing"
        case .changes: "a message is what its edits, deletions and reactions say"
        case .unread: "unread messages are counted exactly"
        }
    }

    /// The promise that is broken with it.
    public var promise: Promise {
        switch self {
        case .durability, .noPhantom, .noSilentDrop, .changes: .acknowledgedIsStored
        case .atMostOnce, .idempotentAnswer: .once
        case .contiguity, .agreement, .realTimeOrder, .senderOrder, .clockIndependence: .oneOrder
        case .stability, .view, .convergence: .exactCatchUp
        case .recovery, .boundedOverload, .unread: .honestState
        case .isolation, .uniqueness: .nobodyInBetween
        }
    }
}

/// What Martlet promises.
public enum Promise: String, Codable, Sendable, CaseIterable {
    case acknowledgedIsStored = "P1"
    case once = "P2"
    case oneOrder = "P3"
    case exactCatchUp = "P4"
    case honestState = "P5"
    case nobodyInBetween = "P6"
}
