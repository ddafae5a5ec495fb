public import FaultHistory

/// What goes wrong when, drawn from a seed: first one way of every fault in an order by lot, then the other ways, and after
/// each two of those several faults at a time; then only several at a time.
public struct Schedule: Sendable {
    /// Faults that are injected at the same time.
    public struct Round: Sendable {
        public var faults: [any Fault]
        /// Decides everything that is drawn by lot in it.
        public var seed: UInt64

        public var name: String { faults.map(\.name).joined(separator: "+") }
        /// How long it usually takes, with what comes before and after it.
        public var usualSeconds: Int { (faults.map(\.usualSeconds).max() ?? 0) + Schedule.settlingSeconds }

        /// What has to be left behind. Of several faults, one of which stops all work, that is only that they were injected.
        /// And of several a single sign of each is enough: one may keep people from what another is to do to them.
        public var traces: [Trace] {
            let isIdle = faults.count > 1 && faults.contains(where: \.stopsWork)
            var traces: [Trace] = []
            for var trace in faults.flatMap(\.traces) where !isIdle || trace.isCountedByNemesis {
                if faults.count > 1, !trace.isCountedByNemesis { trace.atLeast = min(trace.atLeast, 1) }
                // Under the same name the one that asks for more.
                if let index = traces.firstIndex(where: { $0.name == trace.name }) {
                    traces[index].atLeast = max(traces[index].atLeast, trace.atLeast)
                } else {
                    traces.append(trace)
                }
            }
            return traces
        }
    }

    /// What it usually takes until everything is well again and was looked at.
    static let settlingSeconds = 12

    private var waiting: [any Fault]
    private let choice: [any Fault]
    private var random: SeededRandom
    private let composes: Bool
    /// Rounds until each kind was there.
    private var untilEachKind: Int
    /// Rounds of a single fault since several came at a time.
    private var singles = 0

    /// - Parameters:
    ///   - faults: the choice
    ///   - composes: whether several come at a time when each kind was there
    public init(seed: UInt64, faults: [any Fault], composes: Bool) {
        random = SeededRandom(seed: seed)
        choice = faults
        self.composes = composes
        var byKind: [String: [any Fault]] = [:]
        for fault in faults { byKind[fault.id, default: []].append(fault) }
        var passes: [[any Fault]] = []
        // Sorted first, because the order of a dictionary is not the seed's.
        for kind in byKind.keys.sorted() {
            for (pass, fault) in byKind[kind, default: []].shuffled(using: &random).enumerated() {
                if passes.count == pass { passes.append([]) }
                passes[pass].append(fault)
            }
        }
        waiting = []
        for pass in passes { waiting += pass.shuffled(using: &random) }
        untilEachKind = byKind.count
    }

    /// The next round that fits into the time that is left.
    /// - Returns: nil when nothing does
    public mutating func next(secondsLeft: Int) -> Round? {
        let single = waiting.firstIndex { $0.usualSeconds + Self.settlingSeconds <= secondsLeft }
        if let single, !composes || untilEachKind > 0 || singles < 2 {
            untilEachKind -= 1
            singles += 1
            return Round(faults: [waiting.remove(at: single)], seed: random.next())
        }
        // What does not fit any more is not made up for by what nobody asked for.
        guard composes, single != nil || waiting.isEmpty else { return nil }
        singles = 0
        let round = composition()
        return round.usualSeconds <= secondsLeft ? round : nil
    }

    /// What was chosen and did not have its turn yet.
    public var remaining: [any Fault] { waiting }

    private mutating func composition() -> Round {
        let wanted = Int.random(in: 2...4, using: &random)
        var faults: [any Fault] = []
        var touched: Set<Subject> = []
        for fault in choice.filter(\.isComposable).shuffled(using: &random) {
            guard faults.count < wanted, fault.touches.isDisjoint(with: touched) else { continue }
            faults.append(fault)
            touched.formUnion(fault.touches)
        }
        return Round(faults: faults, seed: random.next())
    }
}
