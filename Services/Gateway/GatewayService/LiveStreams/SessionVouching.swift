/// What keeps streams from outliving their sessions: when each slot's sessions are looked up next, and which slots can no
/// longer be vouched for. Pure.
///
/// Other gateways tell when they end a session. As long as that is heard, a stream goes on, even if the database cannot be
/// asked. What was missed while nothing was heard shows in a look-up that begins afterwards. Streams that have neither
/// must end: their browsers find a gateway that can tell.
struct SessionVouching {
    /// Between two look-ups of a session.
    private static let interval: Duration = .seconds(7)
    /// How old the last look-up may get while endings may have been missed.
    private static let patience: Duration = .seconds(12)

    private struct Slot {
        /// When the last look-up began.
        var asked: ContinuousClock.Instant
        /// When the last one that was answered began.
        var vouched: ContinuousClock.Instant
    }

    private var slots: [Slot]
    /// Since when every ending is heard; nil while it is not.
    private var hearingSince: ContinuousClock.Instant?

    init(slots count: Int, now: ContinuousClock.Instant = .now) {
        // Spread over the interval, so that every second has its share.
        slots = (0..<count).map { Slot(asked: now - Self.interval * $0 / count, vouched: now) }
    }

    var isHearing: Bool { hearingSince != nil }

    /// Endings are heard from now on, or not any more. To be told again after some were missed in between.
    mutating func setHearing(_ isHearing: Bool, now: ContinuousClock.Instant) { hearingSince = isHearing ? now : nil }

    /// The slots whose sessions are to be looked up now.
    mutating func takeDue(now: ContinuousClock.Instant) -> [Int] {
        let due = slots.indices.filter { now - slots[$0].asked >= Self.interval }
        for slot in due { slots[slot].asked = now }
        return due
    }

    /// A look-up of these slots' sessions was answered.
    mutating func vouch(for answered: [Int], askedAt: ContinuousClock.Instant) {
        for slot in answered { slots[slot].vouched = askedAt }
    }

    /// The slots whose streams must end now.
    mutating func takeUnvouched(now: ContinuousClock.Instant) -> [Int] {
        let unvouched = slots.indices.filter { index in
            let vouched = slots[index].vouched
            let isDoubtful = hearingSince.map { vouched < $0 } ?? true
            return isDoubtful && now - vouched >= Self.patience
        }
        // They are empty now, and a session is looked up before its stream opens.
        for slot in unvouched { slots[slot].vouched = now }
        return unvouched
    }
}
