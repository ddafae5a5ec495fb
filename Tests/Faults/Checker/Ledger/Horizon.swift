/// How far a conversation was seen by anybody, over time. What was seen once was stored, and has to be there ever after.
struct Horizon: Sendable {
    struct Step: Sendable {
        var seq: Int64
        var moment: Moment
    }

    private(set) var steps: [Step] = []

    mutating func rise(to seq: Int64, at moment: Moment) {
        guard seq > steps.last?.seq ?? 0 else { return }
        steps.append(Step(seq: seq, moment: moment))
    }

    /// The highest seq that was seen before a moment, and when it was first seen.
    func before(_ moment: Moment) -> Step? {
        let next = steps.firstIndexSorted { $0.moment >= moment }
        return next == 0 ? nil : steps[next - 1]
    }

    /// When a seq, or one above it, was first seen.
    func reached(_ seq: Int64) -> Step? {
        let index = steps.firstIndexSorted { $0.seq >= seq }
        return index == steps.count ? nil : steps[index]
    }
}

extension Array {
    /// The index of the first element that fits, in an array whose fitting elements are all at its end.
    func firstIndexSorted(_ fits: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if fits(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
