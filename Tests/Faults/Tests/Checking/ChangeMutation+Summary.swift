import FaultChecker
import FaultHistory

// What is made wrong in what is stored beside the messages themselves: markers and counts.
extension ChangeMutation {
    func mutateMarkers(_ stored: inout StoredConversation, using random: inout SeededGenerator) -> Bool? {
        let markers = stored.markers ?? []
        let messages = Dictionary(stored.messages.map { ($0.seq, $0) }) { first, _ in first }
        func pick(isLast: Bool, _ fits: (StoredConversation.Marker) -> Bool = { _ in true }) -> Int? {
            markers.indices.filter { index in
                (markers[index].number == messages[markers[index].seq]?.rev) == isLast && fits(markers[index])
            }.randomElement(using: &random)
        }
        switch self {
        case .replacedMarkerIsMissing:
            guard let index = pick(isLast: false) else { return false }
            stored.markers?.remove(at: index)
        case .replacedMarkerKeepsAText:
            guard let index = pick(isLast: false) else { return false }
            stored.markers?[index].message = messages[markers[index].seq]
        case .lastMarkerIsSpent:
            guard let index = pick(isLast: true) else { return false }
            stored.markers?[index].message = nil
            stored.markers?[index].previous = nil
        case .lastMarkerSaysAnotherText:
            guard let index = pick(isLast: true) else { return false }
            stored.markers?[index].message?.hash = TextHash.of("another text")
        case .markerSkipsAChange:
            // The message itself is what it then names, though it was changed in between.
            guard let index = pick(isLast: true, { $0.previous != $0.seq }) else { return false }
            stored.markers?[index].previous = markers[index].seq
        default: return nil
        }
        return true
    }

    func mutateCounts(_ stored: inout StoredConversation, using random: inout SeededGenerator) -> Bool? {
        guard var summary = stored.summary else { return false }
        defer { stored.summary = summary }
        let user = stored.members.map(\.user).randomElement(using: &random)!
        let deleted = stored.messages.filter { $0.state?.deleted == true && $0.rev <= summary.head }
        switch self {
        case .countIsOff: summary.messages += 1
        case .sentIsOff: summary.sent[user]! -= 1
        case .readOfOthersIsOff: summary.readOfOthers[user]! += 1
        case .tombstoneIsInTheCounts:
            guard let message = deleted.randomElement(using: &random) else { return false }
            summary.messages += 1
            summary.sent[message.sender]! += 1
        case .summaryIsOld:
            guard let newest = stored.messages.last, newest.rev <= summary.head, stored.messages.count > 1 else {
                return false
            }
            summary.last = stored.messages[stored.messages.count - 2]
        default: return nil
        }
        return true
    }
}
