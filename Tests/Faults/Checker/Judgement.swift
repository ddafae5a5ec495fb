/// Every invariant's examinations, before their evidence is looked up.
struct Judgement: Sendable {
    var examinations: [(invariant: Invariant, parts: [Examination])]

    /// The lines that the violations are shown with.
    var lines: Set<Int> {
        Set(examinations.flatMap { $0.parts.flatMap { $0.violations.flatMap { $0.lines.map(Int.init) } } })
    }
}

extension Trial {
    func judge() -> Judgement {
        let order: [(invariant: Invariant, parts: [Examination])] = [
            (.durability, durability()), (.atMostOnce, atMostOnce()), (.noPhantom, noPhantom()),
            (.contiguity, contiguity()), (.agreement, agreement()), (.stability, stability()),
            (.realTimeOrder, realTimeOrder()), (.senderOrder, senderOrder()),
            (.idempotentAnswer, idempotentAnswer()), (.view, view()),
        ]
        let later: [(invariant: Invariant, parts: [Examination])] = [(.changes, changes()), (.unread, unread())]
        return Judgement(
            examinations: order + [
                (.convergence, convergence()), (.noSilentDrop, noSilentDrop()), (.isolation, isolation()),
                (.uniqueness, uniqueness()), (.recovery, recovery()), (.boundedOverload, boundedOverload()),
                (.clockIndependence, clockIndependence(order + later)),
            ] + later)
    }

    func verdict(_ judgement: Judgement, lines: [Int: String]) -> Verdict {
        let findings = judgement.examinations.map { invariant, parts in
            Finding(
                invariant: invariant,
                parts: parts.map { part in
                    Finding.Part(
                        name: part.name, decision: part.decision, examined: part.examined,
                        violated: part.occurrences.count,
                        violations: part.violations.map { violation($0, of: invariant, lines) }, remark: part.note)
                })
        }
        return Verdict(findings: findings, rows: rows(judgement), totals: totals())
    }

    private func violation(
        _ suspicion: Examination.Suspicion, of invariant: Invariant, _ lines: [Int: String]
    ) -> Violation {
        let recorded = suspicion.lines.map { Evidence(line: Int($0), text: lines[Int($0)] ?? "") }
        return Violation(
            invariant: invariant, promise: invariant.promise, sentence: suspicion.sentence, at: suspicion.at,
            fault: windows.first { $0.contains(suspicion.at) }?.fault,
            evidence: recorded + suspicion.stored.map { Evidence(text: $0) })
    }

    private func totals() -> Verdict.Totals {
        var totals = Verdict.Totals(
            seconds: ledger.last.seconds, operations: ledger.operations.count, acknowledged: 0, refused: 0, unknown: 0,
            messages: ledger.messages.count,
            messagesAcknowledged: ledger.messages.count { !$0.acknowledgements.isEmpty },
            sightings: ledger.sightings.count)
        for operation in ledger.operations {
            switch operation.outcome {
            case .acknowledged: totals.acknowledged += 1
            case .refused: totals.refused += 1
            case .unknown, .open: totals.unknown += 1
            }
        }
        return totals
    }
}
