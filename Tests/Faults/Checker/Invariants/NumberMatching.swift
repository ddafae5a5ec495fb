/// Finds for each number the change that got it, each change for one number at most.
struct NumberMatching {
    struct Point: Hashable {
        var number: Int64
        /// The message that was changed, if that is known.
        var entry: Int64?
    }

    /// A change that may have got one of the numbers above `after` and up to `upTo`.
    struct Slot {
        var entry: Int64
        var after: Int64
        var upTo: Int64
    }

    /// The numbers that are left over when as many as possible have found a change.
    private(set) var unexplained: [Point] = []

    private let points: [Point]
    private let slots: [Slot]
    private let ofEntry: [Int64: [Int]]
    private var pointOfSlot: [Int?]
    private var slotOfPoint: [Int?]

    /// After this many nobody looks for more: it is broken.
    private static let patience = 100

    init(points: [Point], slots: [Slot]) {
        self.points = points.sorted { $0.number < $1.number }
        // Those that end first stand first, so that the first that fits is nearly always the right one.
        self.slots = slots.sorted { ($0.upTo, $0.after) < ($1.upTo, $1.after) }
        ofEntry = Dictionary(grouping: self.slots.indices) { [sorted = self.slots] in sorted[$0].entry }
        pointOfSlot = Array(repeating: nil, count: slots.count)
        slotOfPoint = Array(repeating: nil, count: points.count)
        // The ones whose message is known have the least choice.
        for index in self.points.indices where self.points[index].entry != nil { place(index) }
        for index in self.points.indices where self.points[index].entry == nil { place(index) }
    }

    private func candidates(_ point: Point) -> [Int] {
        let all = point.entry.map { ofEntry[$0] ?? [] } ?? Array(slots.indices)
        return all.filter { slots[$0].after < point.number && point.number <= slots[$0].upTo }
    }

    /// Finds a change for a point, moving others if it has to.
    private mutating func place(_ point: Int) {
        guard unexplained.count < Self.patience else {
            unexplained.append(points[point])
            return
        }
        var reachedFrom: [Int: Int] = [:]
        var queue = [point]
        var next = 0
        while next < queue.count {
            let current = queue[next]
            next += 1
            for slot in candidates(points[current]) where reachedFrom[slot] == nil {
                reachedFrom[slot] = current
                guard let holder = pointOfSlot[slot] else {
                    give(slot, to: point, reachedFrom)
                    return
                }
                queue.append(holder)
            }
        }
        unexplained.append(points[point])
    }

    /// Hands the free slot to the point that it was reached from, the slot which that one had to the one before, and so on.
    private mutating func give(_ free: Int, to point: Int, _ reachedFrom: [Int: Int]) {
        var slot = free
        while let taker = reachedFrom[slot] {
            let former = slotOfPoint[taker]
            pointOfSlot[slot] = taker
            slotOfPoint[taker] = slot
            guard taker != point, let former else { return }
            slot = former
        }
    }
}
