import ChatContracts

/// What a tab shows of one conversation, and the rules by which it changes; the same as the page's.
///
/// `head` is the highest revision that was applied without a gap. A change that comes too early is held until the ones
/// before it have come, by themselves or through a sync.
struct ConversationView: Sendable {
    /// What has to be recorded of a change.
    enum Effect: Sendable {
        /// Put at the end of what is shown.
        case shown(Message)
        /// Everything shown was dropped; the next one to be shown has this seq.
        case reset(next: Int64)
        /// A sync brought what was missing before what was held.
        case healed(from: Int64, to: Int64)
    }

    /// Whether its newest page was fetched; until then only the head is known.
    private(set) var isLoaded = false
    private(set) var head: Int64 = 0
    private(set) var newest: Int64 = 0
    private var held: [Int64: Message] = [:]

    /// Changes that wait for the ones before them. Bounded: a sync brings what is not held.
    private static let heldLimit = 2_000

    var hasGap: Bool { !held.isEmpty }

    /// Applies one live change, or holds it if changes before it are missing.
    mutating func take(_ message: Message, _ effects: inout [Effect]) {
        guard message.rev > head else { return }
        guard message.rev == head + 1 else {
            if held.count < Self.heldLimit { held[message.rev] = message }
            return
        }
        apply(message, &effects)
        drainHeld(&effects)
    }

    /// Applies what a sync answered to a tab that asked from `asked` on.
    mutating func take(_ changes: ConversationChanges, asked: Int64?, _ effects: inout [Effect]) {
        if changes.reset {
            // Live changes that came after the question are newer than the answer.
            if changes.cursor < head, head != asked { return }
            begin(changes.messages, head: changes.cursor, &effects)
        } else {
            let firstHeld = held.keys.min()
            let from = head + 1
            for message in changes.messages where message.rev > head { apply(message, &effects) }
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
    mutating func take(_ page: MessagePage, _ effects: inout [Effect]) -> Bool {
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

    private mutating func begin(_ messages: [Message], head: Int64, _ effects: inout [Effect]) {
        effects.append(.reset(next: messages.first?.seq ?? head + 1))
        newest = 0
        for message in messages { show(message, &effects) }
        self.head = head
    }

    private mutating func apply(_ message: Message, _ effects: inout [Effect]) {
        head = message.rev
        if isLoaded { show(message, &effects) }
    }

    /// Nearly always the message is the newest; otherwise it is a change of one that is shown already, which stays where
    /// it is.
    private mutating func show(_ message: Message, _ effects: inout [Effect]) {
        guard message.seq > newest || message.rev == message.seq else { return }
        newest = max(newest, message.seq)
        effects.append(.shown(message))
    }

    private mutating func drainHeld(_ effects: inout [Effect]) {
        while let next = held.removeValue(forKey: head + 1) { apply(next, &effects) }
    }

    private mutating func dropHeld() {
        if !held.isEmpty { held = held.filter { $0.key > head } }
    }
}
