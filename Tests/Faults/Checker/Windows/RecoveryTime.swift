import FaultHistory

/// How long sends took to be acknowledged again.
struct RecoveryTime: Sendable {
    /// Seconds from the fault, or from its healing, to the first acknowledgement of the last conversation that was held
    /// up by it: the slowest place counts. If nothing was held up, what the first that was acknowledged had to wait:
    /// nobody may have wanted to write until long after.
    var seconds: Double
    /// The message whose acknowledgement was waited for.
    var message: Int32
    var start: Moment
    var acknowledged: Moment
}

extension Trial {
    /// - Returns: nil if nothing was acknowledged any more, or nobody sent anything.
    func recoveryTime(of window: FaultWindow) -> RecoveryTime? {
        let starts = window.recovery?.from == .heal ? window.healed.map { [$0] } ?? [] : window.injections
        let times = starts.enumerated().map { number, start in
            // The next injection begins a recovery of its own.
            let until = number + 1 < starts.count ? starts[number + 1] : window.end ?? ledger.last
            return recoveryTime(from: start, until: until)
        }
        // An injection that came before the one before it was over is judged with the next.
        return times.compactMap { $0 }.max { $0.seconds < $1.seconds }
    }

    private func recoveryTime(from start: Moment, until: Moment) -> RecoveryTime? {
        var first: [Symbol: RecoveryTime] = [:]
        var heldUp: Set<Symbol> = []
        for (index, message) in ledger.messages.enumerated() where message.invoked < until {
            guard let acknowledgement = message.acknowledgements.first else { continue }
            let answered = ledger.sightings[Int(acknowledgement)].moment
            guard answered > start, answered <= until else { continue }
            let conversation = message.key.conversation
            if let known = first[conversation], known.acknowledged < answered { continue }
            // What was under way may have been stored before; only what was asked afterwards shows that it works.
            guard
                message.attempts.contains(where: {
                    let attempt = ledger.operations[Int($0)]
                    return attempt.invoked > start && attempt.invoked < answered
                })
            else { continue }
            let waited = Double(answered.at - max(start.at, message.invoked.at)) / 1e9
            let isHeldUp = waited > tolerance.heldUp
            if isHeldUp { heldUp.insert(conversation) } else { heldUp.remove(conversation) }
            first[conversation] = RecoveryTime(
                seconds: isHeldUp ? Double(answered.at - start.at) / 1e9 : waited, message: Int32(index), start: start,
                acknowledged: answered)
        }
        let last = first.filter { heldUp.contains($0.key) }.values.max { $0.seconds < $1.seconds }
        return last ?? first.values.min { $0.acknowledged < $1.acknowledged }
    }
}
