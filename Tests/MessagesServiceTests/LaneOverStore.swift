import ChatContracts
import Logging
import MongoStore
import TestSupport

@testable import MessagesService

/// Does with commands what a lane does, without a broker.
///
/// - Returns: the answers, in the order of the commands.
func runLane(
    _ commands: [LaneCommand], in store: MessageStore, batch: Int = 1, now: Timestamp? = nil, redelivered: Bool = false
) async throws -> [LaneResponse] {
    var bounds = LanePlanner<Int>.Bounds()
    bounds.batch = batch
    bounds.rounds = 1_000
    var planner = PlannerWithBatch(shards: [0], bounds: bounds)
    planner.observe(
        .deliveries(
            commands.enumerated().map { index, command in
                LaneDelivery(
                    handle: index, shard: 0, command: command, redelivered: redelivered,
                    deliveryCount: redelivered ? 1 : 0)
            }), shard: 0)
    var responses: [LaneResponse] = []
    while var decision = planner.begin(now: now ?? .now) {
        while case .step(let step) = decision {
            switch step {
            case .load(let load): decision = planner.advance(.loaded(try await store.load(load)))
            case .open(let openings):
                try await store.open(openings)
                decision = planner.advance(.opened)
            case .write(let changes): decision = planner.advance(.written(try await store.write(changes)))
            case .update(let updates): decision = planner.advance(.updated(matched: try await store.update(updates)))
            case .publish(let publication):
                responses += publication.replies.map(\.response)
                decision = planner.advance(.published(confirmed: true))
            case .deadLetter, .deadLetterPoison: throw UnexpectedStep()
            }
        }
        guard case .finish = decision else { throw UnexpectedStep() }
    }
    return responses
}

private struct UnexpectedStep: Error {}

func withMessageStore(_ body: @Sendable (MessageStore) async throws -> Void) async throws {
    try await withMessageStore { store, _ async throws in try await body(store) }
}

/// A store with its indexes in a database of its own.
func withMessageStore(_ body: @Sendable (MessageStore, MongoDatabase) async throws -> Void) async throws {
    try await withDatabase { access async throws in
        let database = try MongoDatabase(configuration: access.configuration, logger: Logger(label: "test"))
        let store = MessageStore(database: database)
        try await store.createIndexes()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(store, database))
        } catch {
            result = .failure(error)
        }
        await database.shutdown()
        try result.get()
    }
}
