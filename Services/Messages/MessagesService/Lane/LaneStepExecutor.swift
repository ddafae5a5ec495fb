import LogKeys
import Logging
import MessageBus
import MongoStore

/// Takes the steps that a ``LanePlanner`` asks for.
protocol LaneStepExecuting: Sendable {
    /// - Parameter batch: the batch as it was when the step was asked for.
    func execute(
        _ step: LaneStep<CommandDelivery>, for batch: LaneBatch<CommandDelivery>
    ) async -> LaneOutcome
}

/// Takes them with the database and the broker.
struct LaneStepExecutor: LaneStepExecuting {
    /// The number of the lane.
    let lane: Int
    let shards: [Lane.Shard]
    let store: MessageStore
    let database: MongoDatabase
    let publisher: LanePublisher
    let metrics: MessagesMetrics
    let logger: Logger

    func execute(
        _ step: LaneStep<CommandDelivery>, for batch: LaneBatch<CommandDelivery>
    ) async -> LaneOutcome {
        await outcome(of: step) { try await execute(step) }
    }

    /// What a step has come to, also if it failed.
    func outcome(
        of step: LaneStep<CommandDelivery>, _ execute: () async throws -> LaneOutcome
    ) async -> LaneOutcome {
        do {
            return try await execute()
        } catch {
            if (error as? MongoError)?.outcomeUnknown == true { metrics.outcomeUnknown() }
            logger.error(
                "a batch cannot go on and will come again",
                metadata: [
                    LogKey.lane: "\(lane)", LogKey.step: "\(step.name.rawValue)", LogKey.error: "\(error)",
                ])
            return .failed(LaneFailure(error))
        }
    }

    private func execute(_ step: LaneStep<CommandDelivery>) async throws -> LaneOutcome {
        switch step {
        case .load(let load): return .loaded(try await store.load(load))
        case .open(let openings):
            try await store.open(openings)
            return .opened
        case .write(let changes): return .written(try await store.write(changes))
        case .update(let updates): return .updated(matched: try await store.update(updates))
        case .publish(let publication): return .published(confirmed: await publisher.publish(publication))
        case .deadLetter(let rejections):
            for rejection in rejections { try await deadLetter(rejection) }
            return .deadLettered
        case .deadLetterPoison(let rejection):
            try await database.ping(timeout: .seconds(2))
            try await deadLetter(rejection)
            return .deadLettered
        }
    }

    private func deadLetter(_ rejection: LaneRejection<CommandDelivery>) async throws(BusError) {
        try await shards.subscription(of: rejection.handle)?.deadLetter(rejection.handle, reason: rejection.reason)
        metrics.deadLettered(1)
    }
}
