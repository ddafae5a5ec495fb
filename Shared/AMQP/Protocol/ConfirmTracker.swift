import DequeModule

/// Matches the broker's confirms to publications, which are numbered from 1 on each channel.
///
/// Pure. A publication is resolved exactly once, by `acknowledge`, `refuse`, `expire` or `abandon`.
struct ConfirmTracker<Token> {
    enum Outcome: Equatable {
        case confirmed
        case refused
        case returned(code: Int, text: String)
    }

    private struct Entry {
        var token: Token
        var writtenAt: ContinuousClock.Instant
        var returned: Outcome?
    }

    /// Entry `n` belongs to the tag `firstTag + n`; nil once resolved.
    private var entries = Deque<Entry?>()
    private var firstTag: UInt64 = 1
    /// When that was written, by tag, which was given up and which the broker has not answered. Apart from the others, so
    /// that what is never answered does not keep all that came after it.
    private var givenUp: [UInt64: ContinuousClock.Instant] = [:]

    /// Publications written and not yet resolved.
    private(set) var unresolved = 0

    /// Publications that the broker has not answered: the unresolved ones, and those that were given up.
    var unanswered: Int { unresolved + givenUp.count }

    /// When that was written which the broker has spoken of and which was written last.
    private(set) var latestAnswered: ContinuousClock.Instant?

    /// The tag that the next publication gets.
    var nextTag: UInt64 { firstTag + UInt64(entries.count) }

    /// When the oldest unresolved publication was written.
    var oldest: ContinuousClock.Instant? { unresolved == 0 ? nil : entries.first??.writtenAt }

    /// When the oldest unanswered publication was written.
    var oldestUnanswered: ContinuousClock.Instant? { givenUp.values.min() ?? oldest }

    /// Notes a publication as written.
    mutating func record(_ token: Token, at instant: ContinuousClock.Instant) {
        entries.append(Entry(token: token, writtenAt: instant))
        unresolved += 1
    }

    /// Notes that a mandatory publication came back. Its acknowledgement follows.
    mutating func markReturned(tag: UInt64, code: Int, text: String) {
        guard tag >= firstTag, tag < nextTag else { return }
        let offset = Int(tag - firstTag)
        entries[offset]?.returned = .returned(code: code, text: text)
    }

    /// Resolves what an acknowledgement covers. Tags already resolved are passed over.
    mutating func acknowledge(tag: UInt64, multiple: Bool) throws(ProtocolViolation) -> [(Token, Outcome)] {
        try resolve(tag: tag, multiple: multiple) { $0.returned ?? .confirmed }
    }

    /// Resolves what a negative acknowledgement covers.
    mutating func refuse(tag: UInt64, multiple: Bool) throws(ProtocolViolation) -> [(Token, Outcome)] {
        try resolve(tag: tag, multiple: multiple) { $0.returned ?? .refused }
    }

    /// Gives up waiting for everything written before `instant`; later confirms of those have no effect.
    mutating func expire(writtenBefore instant: ContinuousClock.Instant) -> [Token] {
        var expired: [Token] = []
        var offset = 0
        while offset < entries.count {
            if let entry = entries[offset] {
                guard entry.writtenAt < instant else { break }
                expired.append(entry.token)
                givenUp[firstTag + UInt64(offset)] = entry.writtenAt
                entries[offset] = nil
                unresolved -= 1
            }
            offset += 1
        }
        dropResolved()
        return expired
    }

    /// Gives up everything, because the channel is gone, and starts counting anew.
    mutating func abandon() -> [(Token, Outcome?)] {
        let remaining = entries.takeAll().compactMap { $0 }
        firstTag = 1
        unresolved = 0
        givenUp = [:]
        latestAnswered = nil
        return remaining.map { ($0.token, $0.returned) }
    }

    private mutating func resolve(
        tag: UInt64, multiple: Bool, as outcome: (Entry) -> Outcome
    ) throws(ProtocolViolation) -> [(Token, Outcome)] {
        guard tag < nextTag else {
            throw ProtocolViolation(message: "a confirm for publication \(tag), but only \(nextTag - 1) were written")
        }
        var resolved: [(Token, Outcome)] = []
        // Tag 0 stands for everything so far.
        let last = multiple && tag == 0 ? nextTag - 1 : tag
        for (late, writtenAt) in givenUp where multiple ? late <= last : late == last {
            givenUp[late] = nil
            noteAnswer(toWhatWasWritten: writtenAt)
        }
        if multiple {
            while firstTag <= last, let first = entries.popFirst() {
                firstTag += 1
                if let entry = first {
                    resolved.append((entry.token, outcome(entry)))
                    noteAnswer(toWhatWasWritten: entry.writtenAt)
                }
            }
        } else if tag >= firstTag {
            let offset = Int(tag - firstTag)
            if let entry = entries[offset] {
                resolved.append((entry.token, outcome(entry)))
                noteAnswer(toWhatWasWritten: entry.writtenAt)
                entries[offset] = nil
            }
        }
        unresolved -= resolved.count
        dropResolved()
        return resolved
    }

    private mutating func noteAnswer(toWhatWasWritten at: ContinuousClock.Instant) {
        latestAnswered = max(latestAnswered ?? at, at)
    }

    private mutating func dropResolved() {
        while let first = entries.first, case .none = first {
            _ = entries.popFirst()
            firstTag += 1
        }
    }
}
