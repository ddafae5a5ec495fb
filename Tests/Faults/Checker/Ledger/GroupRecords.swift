import FaultHistory

/// What was asked of groups and heard of them.
struct GroupRecords: Sendable {
    struct Ask: Sendable {
        var operation: Int32
        var asked: GroupAsked
        var answer: GroupAnswered?
    }

    var asks: [Ask] = []
    var heard: [(heard: GroupHeard, moment: Moment)] = []
}

extension Ledger {
    mutating func enterGroup(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .groupAsked(let asked):
            let operation = try begin(
                asked.op, .group, by: process, session: asked.session, entry: groups.asks.count, at: moment)
            groups.asks.append(.init(operation: operation, asked: asked))
        case .groupAnswered(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .group, at: moment))].entry)
            groups.asks[entry].answer = answer
        case .groupHeard(let heard): groups.heard.append((heard, moment))
        default: break
        }
    }
}
