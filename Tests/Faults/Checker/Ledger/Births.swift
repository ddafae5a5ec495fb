/// Which numbers of a conversation are messages. The others are changes of earlier ones.
enum Births: Sendable {
    /// Nobody asked for a change, so every number is a message.
    case all
    /// Everything that was ever seen or is stored, sorted.
    case known([Int64])

    /// The first message with this number or a later one, if any is known.
    func first(from number: Int64) -> Int64? {
        switch self {
        case .all: return number
        case .known(let seqs):
            let index = seqs.firstIndexSorted { $0 >= number }
            return index < seqs.count ? seqs[index] : nil
        }
    }
}

extension Trial {
    mutating func findBirths() {
        for conversation in ledger.conversationsWithChanges {
            var seqs = Set(ledger.births[conversation, default: [:]].keys)
            for message in store?.conversations[conversation]?.messages ?? [] { seqs.insert(message.seq) }
            births[conversation] = .known(seqs.sorted())
        }
    }

    func births(in conversation: Symbol) -> Births { births[conversation, default: .all] }

    /// The changes of a message that anybody asked for.
    func changes(of entry: EntryKey) -> [RequestedChange] {
        ledger.changesOfEntry[entry, default: []].map { ledger.changes[Int($0)] }
    }

    /// Whether a change may have been carried out, before a moment or ever: it was asked for, and not surely refused.
    func mayHaveHappened(_ change: RequestedChange, before: Moment? = nil) -> Bool {
        change.attempts.contains { index in
            let attempt = ledger.operations[Int(index)]
            guard attempt.outcome != .refused else { return false }
            return before.map { attempt.invoked < $0 } ?? true
        }
    }

    /// Whether a message may have been changed at all before a moment.
    func mayHaveChanged(_ entry: EntryKey, before: Moment? = nil) -> Bool {
        changes(of: entry).contains { mayHaveHappened($0, before: before) }
    }
}
