import FaultHistory

/// What a fault left behind.
struct Marks {
    var ledger: Ledger

    func results(of window: FaultWindow) -> [TraceResult] {
        guard let from = window.injections.first else {
            return window.traces.map { TraceResult(name: $0.name, seen: 0, atLeast: $0.atLeast) }
        }
        let to = window.end ?? ledger.last
        let rises = rises(from: from, to: to)
        return window.traces.map { trace in
            var seen = 0.0
            for (name, rise) in rises where trace.counters.contains(where: { Self.matches(name, $0) }) { seen += rise }
            for sight in trace.sights { seen += Double(count(sight, from: from, to: to)) }
            return TraceResult(name: trace.name, seen: seen, atLeast: trace.atLeast)
        }
    }

    /// Whether a name is meant by a pattern, which may end in `*`.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }

    /// By how much every counter rose, added up over all that have it. A counter that fell was started anew from zero.
    /// Something that was never asked before the fault is compared with its first answer, so that nothing is made up.
    private func rises(from: Moment, to: Moment) -> [String: Double] {
        var latest: [String: [String: Double]] = [:]
        var rises: [String: Double] = [:]
        for (measurement, moment) in ledger.counters {
            if moment > to { break }
            let known = latest[measurement.source]
            for (name, value) in measurement.values {
                if moment > from, let before = known?[name] {
                    rises[name, default: 0] += value >= before ? value - before : value
                } else if moment > from, known != nil {
                    // Counters appear when they first rise.
                    rises[name, default: 0] += value
                }
            }
            latest[measurement.source] = (known ?? [:]).merging(measurement.values) { _, new in new }
        }
        return rises
    }

    private func count(_ sight: Trace.Sight, from: Moment, to: Moment) -> Int {
        func within(_ moment: Moment?) -> Bool { moment.map { $0 > from && $0 < to } ?? false }
        return switch sight {
        case .unknown:
            ledger.operations.count {
                ($0.outcome == .unknown && within($0.answered)) || ($0.outcome == .open && within($0.invoked))
            }
        case .refused: ledger.refusals.count { within($0.moment) }
        case .retried:
            ledger.messages.count { message in
                guard let first = message.acknowledgements.first, message.attempts.count > 1 else { return false }
                let answered = ledger.sightings[Int(first)].moment
                return within(answered) && ledger.operations[Int(message.attempts[1])].invoked < answered
            }
        case .disconnects:
            ledger.tabs.values.reduce(0) { $0 + $1.stays.count { within($0.disconnected) } }
        case .gapsHealed: ledger.gapsHealed.count { within($0) }
        case .resyncs: ledger.resyncs.count { within($0) }
        case .repeated:
            ledger.messages.count { $0.attempts.count > 1 && within(ledger.operations[Int($0.attempts[1])].invoked) }
        case .poisons: ledger.poisons.count { $0.poison.isConfirmed && within($0.moment) }
        }
    }
}
