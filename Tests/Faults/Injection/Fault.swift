public import FaultHistory

/// Something that goes wrong on purpose.
public protocol Fault: Sendable {
    /// The kind of the fault: `F8`. Several faults are of one kind if the same thing goes wrong in different ways.
    var id: String { get }
    /// The way, in a word or two: `ring`; empty if there is only one.
    var variant: String { get }
    /// What goes wrong and what has to hold meanwhile, in a sentence or two.
    var summary: String { get }
    /// What it takes hold of. Faults that share something are not injected at the same time.
    var touches: Set<Subject> { get }
    /// Whether it may happen at the same time as others.
    var isComposable: Bool { get }
    /// Whether nothing is stored while it lasts, so that other faults at the same time have nothing to show.
    var stopsWork: Bool { get }
    /// What it has to leave behind, or it did not happen.
    var traces: [Trace] { get }
    /// How fast sends have to be acknowledged again, and from when on: from the injection if the chat has to go on
    /// during the fault, from the healing if it cannot.
    var recovery: Recovery { get }
    /// Seconds that it usually takes, with the healing.
    var usualSeconds: Int { get }

    /// Lets it happen and returns when it has lasted long enough. Everything that it does is announced to the scene.
    func inject(in scene: Scene) async throws
    /// Undoes what it did, however far it came. Repeating it does no harm.
    func heal(in scene: Scene) async throws
    /// Looks at what is left of it when everything is well again.
    func lookBack(in scene: Scene) async throws
}

extension Fault {
    public var variant: String { "" }
    public var isComposable: Bool { true }
    public var stopsWork: Bool { false }
    public func heal(in scene: Scene) async throws {}
    public func lookBack(in scene: Scene) async throws {}

    /// As it is chosen and shown: `F8/ring`.
    public var name: String { variant.isEmpty ? id : "\(id)/\(variant)" }
}

/// What faults take hold of.
public enum Subject: Sendable, Hashable, CaseIterable {
    case gateways, users, messages, brokers, databases, wires, clients, clocks
}

extension Recovery {
    /// The chat goes on during the fault: sends are acknowledged again within these seconds from each injection.
    static func during(_ seconds: Double) -> Recovery { Recovery(from: .inject, within: seconds) }
    /// The chat may not work during the fault, but these seconds after it was healed it does.
    static func afterwards(_ seconds: Double) -> Recovery { Recovery(from: .heal, within: seconds) }
}

/// Traces that several faults leave.
extension Trace {
    static let redeliveries = Trace(
        "redeliveries",
        counters: [
            "rabbitmq_global_messages_redelivered_total", "martlet_messages_redelivered_total",
            "martlet_bus_redeliveries_total",
        ])
    static let elections = Trace("elections", counters: ["database.term"])
    static let terms = Trace("queue elections", counters: ["rabbitmq_raft_term_total"])
    static let disconnects = Trace("streams ended", sights: [.disconnects])
    /// Clients did not get what they asked for at first.
    static let trouble = Trace("troubled requests", sights: [.unknown, .refused, .retried])
    static let unknown = Trace("unknown outcomes", sights: [.unknown])
    static let refusals = Trace("refusals", sights: [.refused])
    static let duplicates = Trace("duplicates answered", counters: ["martlet_messages_duplicates_answered_total"])
    static let withoutEvent = Trace(
        "acknowledged without event", counters: ["martlet_messages_acknowledged_without_event_total"])
    static let cuts = Trace("answers cut off", counters: ["proxy.cuts"])
    static let resets = Trace("resets", counters: ["proxy.resets"])
    static let delays = Trace("pieces delayed", counters: ["proxy.delayed"], sights: [])

    /// Whether it says that the fault was injected, and not what came of it.
    public var isCountedByNemesis: Bool { sights.isEmpty && counters.allSatisfy { $0.hasPrefix("nemesis.") } }

    func atLeast(_ number: Double) -> Trace {
        var trace = self
        trace.atLeast = number
        return trace
    }

    /// What the nemesis itself has counted.
    static func counted(_ name: String, _ counter: NemesisCounter, atLeast: Double = 1) -> Trace {
        Trace(name, counters: ["nemesis.\(counter.rawValue)"], atLeast: atLeast)
    }
}
