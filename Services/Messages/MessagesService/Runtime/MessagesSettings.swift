public import ServiceKit

/// What can be set about the messages service, beside how it reaches the broker and its database.
public struct MessagesSettings: Sendable {
    static let lanes = Setting(
        "messages.lanes", "Batches in flight at the same time; the shards are dealt out to the lanes", default: 2,
        in: 1...8)
    static let batch = Setting(
        "messages.batch", "Commands of one batch at most", default: 256, in: 1...1_000)
    static let prefetch = Setting(
        "messages.prefetch", "Commands of one shard that may wait in this process", default: 512, in: 1...10_000)
    static let conversations = Setting(
        "messages.conversations", "Conversations whose heads are remembered between batches", default: 20_000,
        in: 1...10_000_000)
    static let eventPatience = Setting<Duration>(
        "messages.events.patience",
        "How long the broker may take to confirm events before their commands are acknowledged without them",
        default: .seconds(2), in: .milliseconds(100)...(.seconds(60)))
    static let requests = Setting(
        "messages.requests",
        "Whether the first message of somebody without a group in common waits until it is accepted, and nobody adds "
            + "strangers to groups; for servers on which not everybody knows everybody", default: false)
    static let queryConcurrency = Setting(
        "messages.queries.concurrency",
        "Reads worked on at the same time; fewer than database.threads, or storing messages waits behind them",
        default: 6, in: 1...10_000)

    /// Every setting that ``buildMessagesService(_:)`` reads.
    public static let all: [any DeclaredSetting] =
        [lanes, batch, prefetch, conversations, eventPatience, requests, queryConcurrency]
        + BusSettings.all + DatabaseSettings.all
}
