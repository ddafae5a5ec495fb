import FaultHistory

/// I16: memory and queues stay within their bounds, every refusal says when to come back, and an overloaded stack still
/// does most of what it can.
extension Trial {
    func boundedOverload() -> [Examination] { [gauges(), refusals(), goodput()] }

    private func gauges() -> Examination {
        guard !ledger.limits.isEmpty else { return .undecided("bounds", "no limits were recorded") }
        var examination = Examination("bounds")
        var limitOfName: [String: Double?] = [:]
        var accused: Set<String> = []
        for (measurement, moment) in ledger.gauges {
            for (name, value) in measurement.values {
                let limit: Double?
                if let known = limitOfName[name] {
                    limit = known
                } else {
                    limit = ledger.limits.filter { Marks.matches(name, $0.key) }.values.min()
                    limitOfName[name] = limit
                }
                guard let limit else { continue }
                examination.look()
                guard value > limit, accused.insert("\(measurement.source) \(name)").inserted else { continue }
                examination.accuse(
                    "\(name) of \(measurement.source) was \(Numbers.plain(value)), more than \(Numbers.plain(limit))",
                    of: "gauge/\(measurement.source)/\(name)", at: moment, lines: [moment])
            }
        }
        return examination
    }

    private func refusals() -> Examination {
        guard !ledger.refusals.isEmpty else { return .undecided("refusals", "nothing was refused") }
        var examination = Examination("refusals")
        for refusal in ledger.refusals where refusal.status == 429 || refusal.status == 503 {
            examination.look()
            guard refusal.retryAfter == nil else { continue }
            examination.accuse(
                "a refusal with status \(refusal.status) does not say when to try again",
                of: "refusal/\(refusal.status)/\(refusal.code)", at: refusal.moment,
                lines: [ledger.operations[Int(refusal.operation)].invoked, refusal.moment])
        }
        return examination
    }

    private func goodput() -> Examination {
        let stretches = stretches()
        let peak = stretches.filter { $0.factor == 1 }.map(\.rate).max()
        let overloaded = stretches.filter { $0.factor >= 3 }
        guard let peak, !overloaded.isEmpty else { return .undecided("goodput", "no overload was measured") }
        var examination = Examination("goodput")
        for stretch in overloaded {
            examination.look()
            examination.remark =
                "\(Numbers.plain(stretch.rate)) messages/s under overload, \(Numbers.plain(peak)) at best"
            guard stretch.rate < peak * tolerance.goodputUnderOverload else { continue }
            examination.accuse(
                "under \(Numbers.plain(stretch.factor)) times the load \(Numbers.plain(stretch.rate)) messages/s were "
                    + "acknowledged, at best \(Numbers.plain(peak))",
                of: "goodput", at: stretch.begin, lines: [stretch.begin, stretch.end])
        }
        return examination
    }

    private struct Stretch {
        var factor: Double
        var begin: Moment
        var end: Moment
        /// Messages acknowledged per second.
        var rate: Double
    }

    private func stretches() -> [Stretch] {
        guard !ledger.loads.isEmpty else { return [] }
        let answers = ledger.messages.compactMap { $0.acknowledgements.first.map { ledger.sightings[Int($0)].moment } }
            .sorted()
        return ledger.loads.enumerated().compactMap { index, load in
            let end = index + 1 < ledger.loads.count ? ledger.loads[index + 1].moment : ledger.last
            let seconds = Double(end.at - load.moment.at) / 1e9
            guard load.factor > 0, seconds > 0 else { return nil }
            let count = answers.firstIndexSorted { $0 >= end } - answers.firstIndexSorted { $0 >= load.moment }
            return Stretch(factor: load.factor, begin: load.moment, end: end, rate: Double(count) / seconds)
        }
    }
}
