/// All that an invariant is decided from.
struct Trial: Sendable {
    var ledger: Ledger
    /// Absent if there was no final read.
    var store: Store?
    var windows: [FaultWindow]
    var tolerance: Tolerance
    /// Which numbers are messages.
    var births: [Symbol: Births] = [:]

    static let noFinalRead = "there is no final read"

    func text(_ symbol: Symbol) -> String { ledger.symbols[symbol] }

    /// A message of the final read, as evidence.
    func stored(_ message: Store.Message, in conversation: Symbol) -> String {
        "stored: conversation \(text(conversation)) seq \(message.seq) rev \(message.rev) "
            + "sender \(text(message.content.sender)) id \(text(message.content.id)) "
            + "hash \(text(message.content.hash))" + words(message.state)
    }

    /// What a state adds to a message that is shown as evidence.
    private func words(_ state: EntryState) -> String {
        var words = ""
        if let edit = state.edit { words += " edited by \(edit)" }
        if state.isDeleted { words += " deleted" }
        if let replyTo = state.replyTo { words += " reply to \(replyTo)" }
        for reaction in state.reactions.map({ "\(text($0.emoji)) of \(text($0.user))" }).sorted() {
            words += " reaction \(reaction)"
        }
        return words
    }

    /// What a conversation ends with in the final read, as evidence of something that is not there.
    func storedEnd(of conversation: Symbol) -> String {
        guard let found = store?.conversations[conversation] else {
            return "stored: no conversation \(text(conversation))"
        }
        return "stored: conversation \(text(conversation)) has \(found.messages.count) messages up to \(found.head)"
    }

    /// How messages are told apart when the lost ones are counted.
    func subject(_ key: MessageKey) -> String { "\(key.conversation)/\(key.sender)/\(key.id)" }

    func subject(_ sighting: Sighting) -> String {
        let content = ledger.contents[Int(sighting.content)]
        return subject(MessageKey(conversation: sighting.conversation, sender: content.sender, id: content.id))
    }

    /// Where a message stands, by whatever shows it: an answer, else the final read.
    func place(of message: SentMessage) -> (seq: Int64, evidence: Moment?)? {
        if let first = message.acknowledgements.first {
            let sighting = ledger.sightings[Int(first)]
            return (sighting.seq, sighting.moment)
        }
        return store?.places[message.key]?.first.map { ($0, nil) }
    }

    /// Whether a moment lies within a fault or soon after it, when old answers of servers that were cut off are allowed.
    func disturbed(at moment: Int64) -> Bool {
        windows.contains { window in
            guard let injected = window.injections.first else { return false }
            let healed = window.healed?.at ?? window.end?.at ?? .max
            let allowed = Int64(tolerance.staleAfterHeal * 1e9)
            return injected.at <= moment && (healed > .max - allowed || moment <= healed + allowed)
        }
    }

    /// The moment from which on no gateway may accept a session that ended then.
    func refused(_ ended: Moment) -> Int64 {
        let seconds =
            disturbed(at: ended.at) ? tolerance.requestAfterUnheardRevocation : tolerance.requestAfterRevocation
        return ended.at + Int64(seconds * 1e9)
    }
}

/// What is allowed, in seconds.
public struct Tolerance: Sendable {
    /// Until every connected tab has everything after a fault is healed.
    public var convergence: Double = 30
    /// Until a stream of an ended session receives nothing any more.
    public var streamAfterRevocation: Double = 15
    /// Until every gateway refuses a session that has ended: the one that ended it at once, the others when they hear it.
    public var requestAfterRevocation: Double = 3
    /// The same during a fault and soon after it, when they may not hear it: as long as gateways remember a session.
    public var requestAfterUnheardRevocation: Double = 12
    /// Until a connected tab has to be in step: its sync takes a moment.
    public var settling: Double = 10
    /// How long after a fault is healed a read may still be answered by a server that does not know what happened.
    public var staleAfterHeal: Double = 10
    /// The least part of the best throughput that an overloaded stack has to carry.
    public var goodputUnderOverload: Double = 0.7
    /// The wait from which on a message counts as held up by a fault. On two processors for a whole cluster some wait for
    /// more than half of it when nothing is wrong at all.
    public var heldUp: Double = 1

    public init() {}

    /// Ended sessions are refused at once, everywhere.
    public static var strict: Tolerance {
        var tolerance = Tolerance()
        tolerance.requestAfterRevocation = 0
        tolerance.requestAfterUnheardRevocation = 0
        return tolerance
    }
}
