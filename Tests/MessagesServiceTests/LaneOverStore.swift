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
) async throws -> [LaneReply] {
    var bounds = LanePlanner<Int>.Bounds()
    bounds.batch = batch
    bounds.rounds = 1_000
    var planner = LanePlanner<Int>(shards: [0], bounds: bounds)
    planner.observe(
        .deliveries(
            commands.enumerated().map { index, command in
                LaneDelivery(
                    handle: index, shard: 0, command: command, redelivered: redelivered,
                    deliveryCount: redelivered ? 1 : 0)
            }), shard: 0)
    var answers: [LaneReply] = []
    while var step = planner.begin(now: now ?? .now) {
        working: while true {
            switch step {
            case .load(let load): step = planner.advance(.loaded(try await store.load(load)))
            case .open(let openings):
                try await store.open(openings)
                step = planner.advance(.opened)
            case .write(let changes): step = planner.advance(.written(try await store.write(changes)))
            case .update(let updates): step = planner.advance(.updated(matched: try await store.update(updates)))
            case .publish(let publication):
                answers += publication.replies.map(\.answer)
                step = planner.advance(.published(confirmed: true))
            case .finish: break working
            case .deadLetter, .deadLetterPoison, .abandon: throw UnexpectedStep()
            }
        }
    }
    return answers
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
