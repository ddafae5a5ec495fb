import MongoStore

/// The parts of the service that another build may replace, and what they are in every build that ships.
struct MessagesVariant: Sendable {
    var store: @Sendable (MongoDatabase) -> MessageStore = { MessageStore(database: $0) }
    /// The index that stores a message once.
    var once = MessageStore.once
    /// Takes the steps of a lane.
    var executor: @Sendable (LaneStepExecutor) -> any LaneStepExecuting = { $0 }
    /// Works through a lane's commands.
    var run: @Sendable (Lane) async -> Void = { await $0.run() }
}
