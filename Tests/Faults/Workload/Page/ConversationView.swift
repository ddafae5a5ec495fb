import ChatContracts

/// What a tab shows of one conversation, and the rules by which it changes; the same as the page's.
///
/// `head` is the highest revision that was applied without a gap. A change that comes too early is held until the ones
/// before it have come, by themselves or through a sync.
struct ConversationView: Sendable {
    /// What has to be recorded of a change.
    enum Effect: Sendable {
        /// Put at the end of what is shown, or at its place if it was changed before this tab heard of it.
        case shown(Entry)
        /// Takes the place of an earlier state of the message, if that is shown.
        case changed(Entry)
        /// Everything shown was dropped; the next one to be shown has this seq, and all changes up to `head` are known.
        case reset(next: Int64, head: Int64)
        /// A sync brought what was missing before what was held.
        case healed(from: Int64, to: Int64)
    }

    /// Whether its newest page was fetched; until then only the head is known.
    private(set) var isLoaded = false
    private(set) var head: Int64 = 0
    private(set) var newest: Int64 = 0
    /// The last messages that are shown, in the order of seq.
    private(set) var recent: [Entry] = []
    /// The first seq that is shown.
    private var first: Int64 = 1
    /// The rev that is shown of each seq.
    private var shown: [Int64: Int64] = [:]
    private var held: [Int64: Entry] = [:]

    /// Changes that wait for the ones before them. Bounded: a sync brings what is not held.
    private static let heldLimit = 2_000
    private static let recentLimit = 60

    var hasGap: Bool { !held.isEmpty }

    /// Applies one live change, or holds it if changes before it are missing.
    mutating func take(_ message: Entry, _ effects: inout [Effect]) {
        guard message.rev > head else { return }
        guard message.rev == head + 1 else {
            if held.count < Self.heldLimit { held[message.rev] = message }
            return
        }
        apply(message, &effects)
        drainHeld(&effects)
    }

    /// Applies what a sync answered to a tab that asked from `asked` on.
    mutating func take(_ changes: EntryChanges, asked: Int64?, _ effects: inout [Effect]) {
        if changes.reset {
            // Live changes that came after the question are newer than the answer.
            if changes.cursor < head, head != asked { return }
            begin(changes.messages, head: changes.cursor, &effects)
        } else {
            let firstHeld = held.keys.min()
            let from = head + 1
            applyAll(changes.messages.filter { $0.rev > head }, &effects)
            head = max(head, changes.cursor)
            if let firstHeld, firstHeld > from, head >= firstHeld - 1 {
                effects.append(.healed(from: from, to: firstHeld - 1))
            }
        }
        dropHeld()
        drainHeld(&effects)
    }

    /// Takes the newest page of the history as the beginning of what is shown.
    ///
    /// - Returns: whether something came in the meantime that the page does not have, so that a sync is needed.
    mutating func take(_ page: EntryPage, _ effects: inout [Effect]) -> Bool {
        if isLoaded, head >= page.head { return false }
        let isBehind = !isLoaded && head > page.head
        isLoaded = true
        begin(page.messages, head: page.head, &effects)
        dropHeld()
        drainHeld(&effects)
        return isBehind
    }

    /// Learns the head of a conversation that nothing is shown of yet.
    mutating func learn(head known: Int64) {
        if !isLoaded { head = max(head, known) }
        dropHeld()
    }

    private mutating func begin(_ messages: [Entry], head: Int64, _ effects: inout [Effect]) {
        first = messages.first?.seq ?? head + 1
        effects.append(.reset(next: first, head: head))
        newest = 0
        shown = [:]
        recent = []
        for message in messages { show(message, &effects) }
        self.head = head
    }

    /// Applies what a sync brought, in the order of the last changes. What is new is shown first, in the order of births: a
    /// message may have been born before another one and changed after it. Only the answer's cursor says how far it reaches:
    /// a message comes as it is now, and may be ahead of that by changes of other messages that have still to come.
    private mutating func applyAll(_ messages: [Entry], _ effects: inout [Effect]) {
        let newest = newest
        let new = messages.filter { $0.seq > newest }.sorted { $0.seq < $1.seq }
        let known = messages.filter { $0.seq <= newest }.sorted { $0.rev < $1.rev }
        guard isLoaded else { return }
        for message in new + known { show(message, &effects) }
    }

    private mutating func apply(_ message: Entry, _ effects: inout [Effect]) {
        head = max(head, message.rev)
        if isLoaded { show(message, &effects) }
    }

    private mutating func show(_ message: Entry, _ effects: inout [Effect]) {
        let known = shown[message.seq]
        // A page can have messages that are ahead of the head which it names, so their changes come once more.
        if let known, known > message.rev || known == message.rev && message.rev > message.seq { return }
        let isNew = message.seq > newest
        // What was never changed and comes again is shown again, so that the history has it.
        let isLate = message.seq >= first && known == nil || message.rev == message.seq
        guard isNew || isLate else {
            if known != nil { shown[message.seq] = message.rev }
            if let index = recent.lastIndex(where: { $0.seq == message.seq }) { recent[index] = message }
            effects.append(.changed(message))
            return
        }
        newest = max(newest, message.seq)
        shown[message.seq] = message.rev
        recent.insert(message, at: (recent.lastIndex { $0.seq < message.seq } ?? -1) + 1)
        if recent.count > Self.recentLimit { recent.removeFirst() }
        effects.append(.shown(message))
    }

    private mutating func drainHeld(_ effects: inout [Effect]) {
        while let next = held.removeValue(forKey: head + 1) { apply(next, &effects) }
    }

    private mutating func dropHeld() {
        if !held.isEmpty { held = held.filter { $0.key > head } }
    }
}
