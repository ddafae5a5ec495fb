import Metrics

/// What the service counts, beside what the bus, the database and the runtime count.
struct MessagesMetrics: Sendable {
    private let commands = Counter(label: "martlet_messages_commands_total")
    private let redelivered = Counter(label: "martlet_messages_redelivered_total")
    private let duplicates = Counter(label: "martlet_messages_duplicates_answered_total")
    private let conflicts = Counter(label: "martlet_messages_conflicts_total")
    private let unknownOutcomes = Counter(label: "martlet_messages_unknown_outcomes_total")
    private let abandoned = Counter(label: "martlet_messages_batches_abandoned_total")
    private let deadLettered = Counter(label: "martlet_messages_dead_lettered_total")
    private let withoutEvent = Counter(label: "martlet_messages_acknowledged_without_event_total")
    private let resyncs = Counter(label: "martlet_messages_resyncs_published_total")
    private let resyncsForgotten = Counter(label: "martlet_messages_resyncs_forgotten_total")
    private let batchSize = Recorder(label: "martlet_messages_batch_size")
    private let steps = Dictionary(
        uniqueKeysWithValues: LaneStepName.allCases.map {
            ($0, Metrics.Timer(label: "martlet_messages_step_duration", dimensions: [("step", $0.rawValue)]))
        })

    func batchFinished<Handle>(_ completion: LaneCompletion<Handle>) {
        commands.increment(by: completion.commands)
        redelivered.increment(by: completion.redelivered)
        duplicates.increment(by: completion.duplicates)
        conflicts.increment(by: completion.conflicts)
        if completion.commands > 0 { batchSize.record(completion.commands) }
        if !completion.unnotified.isEmpty { withoutEvent.increment(by: completion.commands) }
    }

    /// A batch has come through one of its steps, or has failed in it.
    func stepTook(_ step: LaneStepName, _ time: Duration) { steps[step]?.record(duration: time) }

    func outcomeUnknown() { unknownOutcomes.increment() }
    func batchAbandoned() { abandoned.increment() }
    func deadLettered(_ count: Int) { deadLettered.increment(by: count) }
    func resyncPublished(_ users: Int) { resyncs.increment(by: users) }
    func resyncForgotten(_ users: Int) { resyncsForgotten.increment(by: users) }
}
