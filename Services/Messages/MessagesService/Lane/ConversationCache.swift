import ChatContracts

/// A bounded memory of conversations; the one that was used least recently goes first.
///
/// Only a memory: a conversation that is missing is loaded, and one that is out of date loses against the unique
/// indexes. A doubly linked list through an array keeps every operation O(1).
struct ConversationCache: Sendable {
    private struct Slot {
        var state: ConversationState
        var newer: Int
        var older: Int
    }

    private static var none: Int { -1 }

    let capacity: Int
    private var slots: [Slot] = []
    private var places: [ConversationID: Int] = [:]
    private var newest = none
    private var oldest = none

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    var count: Int { places.count }

    /// The remembered state, which counts as used now.
    mutating func state(of id: ConversationID) -> ConversationState? {
        guard let place = places[id] else { return nil }
        unlink(place)
        linkAsNewest(place)
        return slots[place].state
    }

    /// Remembers a state, in the place of the least recently used one if there is no room.
    mutating func remember(_ state: ConversationState) {
        if let place = places[state.id] {
            slots[place].state = state
            unlink(place)
            linkAsNewest(place)
            return
        }
        let place: Int
        if slots.count < capacity {
            place = slots.count
            slots.append(Slot(state: state, newer: Self.none, older: Self.none))
        } else {
            place = oldest
            unlink(place)
            places[slots[place].state.id] = nil
            slots[place].state = state
        }
        places[state.id] = place
        linkAsNewest(place)
    }

    mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        newest = Self.none
        oldest = Self.none
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (slots[place].newer, slots[place].older)
        if newer == Self.none { newest = older } else { slots[newer].older = older }
        if older == Self.none { oldest = newer } else { slots[older].newer = newer }
    }

    private mutating func linkAsNewest(_ place: Int) {
        slots[place].newer = Self.none
        slots[place].older = newest
        if newest != Self.none { slots[newest].newer = place }
        newest = place
        if oldest == Self.none { oldest = place }
    }
}
