/// What one Argon2id hash costs.
public struct HashingParameters: Sendable, Hashable {
    /// Memory of one hash in KiB; at least 8 for each lane.
    public var memory: UInt32
    /// Passes over the memory; at least 1.
    public var iterations: UInt32
    /// Lanes of the memory. The library computes each on a thread of its own, so more than 1 makes a hash take that
    /// many cores.
    public var lanes: UInt32
    /// Bytes of salt.
    public var saltLength: Int
    /// Bytes of the tag.
    public var tagLength: Int

    public init(
        memory: UInt32 = 19_456, iterations: UInt32 = 2, lanes: UInt32 = 1, saltLength: Int = 16, tagLength: Int = 32
    ) {
        self.memory = memory
        self.iterations = iterations
        self.lanes = lanes
        self.saltLength = saltLength
        self.tagLength = tagLength
    }

    /// What is accepted, also from a stored hash: a damaged document must not make a process allocate without bound.
    static let memoryRange: ClosedRange<UInt32> = 8...1_048_576
    static let iterationsRange: ClosedRange<UInt32> = 1...100
    static let lanesRange: ClosedRange<UInt32> = 1...16
    static let saltRange = 8...64
    static let tagRange = 16...64

    var isValid: Bool {
        Self.memoryRange.contains(memory) && Self.iterationsRange.contains(iterations)
            && Self.lanesRange.contains(lanes) && memory >= 8 * lanes && Self.saltRange.contains(saltLength)
            && Self.tagRange.contains(tagLength)
    }
}
