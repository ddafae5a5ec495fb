import FaultHistory

/// I15: after the faults everything drains, nothing is left behind, and sends work again in time.
extension Trial {
    func recovery() -> [Examination] { [queues(), sends()] }

    private func queues() -> Examination {
        guard let store else { return .undecided("queues", Self.noFinalRead) }
        guard !store.final.queues.isEmpty else { return .undecided("queues", "the final read names no queue") }
        var examination = Examination("queues")
        for queue in store.final.queues {
            examination.look()
            let complaint: String? =
                switch queue.purpose {
                case .work where queue.ready + queue.unacknowledged > 0: "is not empty"
                case .process where queue.consumers == 0: "belongs to a process that is gone"
                case .work, .process, .deadLetters: nil
                }
            guard let complaint else { continue }
            examination.accuse(
                "queue \(queue.name) \(complaint)", of: "queue/\(queue.name)", at: ledger.last, lines: [],
                stored: [
                    "at rest: queue \(queue.name) has \(queue.ready) ready, \(queue.unacknowledged) unacknowledged, "
                        + "\(queue.consumers) consumers"
                ])
        }
        return examination
    }

    private func sends() -> Examination {
        var examination = Examination("sends")
        var slowest: (seconds: Double, fault: String)?
        for window in windows {
            guard let rule = window.recovery, let start = rule.from == .heal ? window.healed : window.injections.first
            else { continue }
            guard let time = recoveryTime(of: window) else {
                guard rule.within != nil else { continue }
                examination.look()
                examination.accuse(
                    "nothing was acknowledged again after \(window.fault)", of: "window/\(window.number)", at: start,
                    lines: [start] + (window.end.map { [$0] } ?? []))
                continue
            }
            examination.look()
            if time.seconds > slowest?.seconds ?? 0 { slowest = (time.seconds, window.fault) }
            guard let within = rule.within, time.seconds > within else { continue }
            let message = ledger.messages[Int(time.message)]
            examination.accuse(
                "after \(window.fault) it took \(Numbers.seconds(time.seconds)) until a conversation worked again, "
                    + "more than \(Numbers.seconds(within))",
                of: "window/\(window.number)", at: time.start,
                lines: [time.start, message.invoked, time.acknowledged])
        }
        if let slowest { examination.remark = "slowest \(Numbers.seconds(slowest.seconds)) after \(slowest.fault)" }
        return examination
    }
}
