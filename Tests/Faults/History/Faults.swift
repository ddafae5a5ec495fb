/// A step of one fault, or of one combination of faults: the window from `begin` to `end` is one row of the report.
///
/// The phases of a window: `begin` (the undisturbed seconds before), one or more `inject`, `heal` after what they did was
/// undone, `end` when everything is well again.
public struct FaultStep: Codable, Sendable, Hashable {
    public enum Phase: String, Codable, Sendable {
        case begin
        /// Written before the first action of an injection.
        case inject
        /// Written after the last action that undoes the injection. A fault that needs no undoing, such as a process that
        /// is started again by its supervisor, is healed when the last injection has been made.
        case heal
        case end
    }

    /// The window's number, from 1.
    public var window: Int
    /// The fault's name, such as `F4`, or names, such as `F2+F9`.
    public var fault: String
    public var phase: Phase
    /// What exactly was done, for people.
    public var detail: String
    /// With `begin`: what the fault has to leave behind, or it did not happen. Every one of them must hold.
    public var traces: [Trace]?
    /// With `begin`: how fast sends have to be acknowledged again. With `heal`, if that depends on what was seen
    /// meanwhile: how fast after all.
    public var recovery: Recovery?

    public init(
        window: Int, fault: String, phase: Phase, detail: String, traces: [Trace]? = nil, recovery: Recovery? = nil
    ) {
        self.window = window
        self.fault = fault
        self.phase = phase
        self.detail = detail
        self.traces = traces
        self.recovery = recovery
    }
}

/// Something that must have happened between `inject` and `end` if a fault bit.
public struct Trace: Codable, Sendable, Hashable {
    /// What the clients saw, counted from the history itself.
    public enum Sight: String, Codable, Sendable, CaseIterable {
        /// Operations with an unknown outcome.
        case unknown
        /// Operations that were refused.
        case refused
        /// Sends that were acknowledged on a second or later attempt.
        case retried
        /// Streams that ended.
        case disconnects
        /// Gaps that a sync healed.
        case gapsHealed
        /// Times that a stream said that events may have been lost.
        case resyncs
        /// Messages that were sent more than once.
        case repeated
        /// Commands put into queues that nobody can carry out.
        case poisons
    }

    /// In words, for the report: `elections`, `redeliveries`.
    public var name: String
    /// The counters that are added up: names as in ``Measurement/values``, or the beginnings of names if they end in `*`.
    public var counters: [String]
    /// The sights that are added to them.
    public var sights: [Sight]
    /// The least that the sum must have risen by.
    public var atLeast: Double

    public init(_ name: String, counters: [String] = [], sights: [Sight] = [], atLeast: Double = 1) {
        self.name = name
        self.counters = counters
        self.sights = sights
        self.atLeast = atLeast
    }
}

/// How fast sends have to be acknowledged again.
public struct Recovery: Codable, Sendable, Hashable {
    public enum Start: String, Codable, Sendable {
        /// From every injection.
        case inject
        /// From the healing, where nothing can work before it.
        case heal
    }

    public var from: Start
    /// The most seconds that it may take; absent if it is only to be reported.
    public var within: Double?

    public init(from: Start, within: Double? = nil) {
        self.from = from
        self.within = within
    }
}

/// A command that no service can carry out and that therefore has to end among the dead letters, alone.
public struct Poison: Codable, Sendable, Hashable {
    /// The queue that it was put into.
    public var queue: String
    /// ``TextHash`` of its body.
    public var hash: String
    /// Whether a broker has confirmed it. One of which that is not known may be in the queue or not.
    public var isConfirmed: Bool

    public init(queue: String, hash: String, isConfirmed: Bool = true) {
        self.queue = queue
        self.hash = hash
        self.isConfirmed = isConfirmed
    }
}
