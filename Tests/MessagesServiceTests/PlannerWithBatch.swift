import ChatContracts

@testable import MessagesService

/// A planner and the batch that it is working on.
struct PlannerWithBatch {
    private var planner: LanePlanner<Int>
    private var batch = LaneBatch<Int>?.none

    init(shards: [Int], bounds: LanePlanner<Int>.Bounds = .init()) {
        planner = LanePlanner(shards: shards, bounds: bounds)
    }

    var waiting: Int { planner.waiting }

    mutating func observe(_ observation: LanePlanner<Int>.Observation, shard: Int) {
        planner.observe(observation, shard: shard)
    }

    /// Nil if there is nothing to do.
    mutating func begin(now: Timestamp) -> LaneDecision<Int>? {
        guard var batch = planner.begin(now: now) else { return nil }
        defer { self.batch = batch }
        return planner.firstStep(of: &batch)
    }

    /// Abandons nothing in particular if there is no batch.
    mutating func advance(_ outcome: LaneOutcome) -> LaneDecision<Int> {
        guard var batch else { return .abandon(shards: [], .passing) }
        defer { self.batch = batch }
        return planner.advance(&batch, with: outcome)
    }
}
