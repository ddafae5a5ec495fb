import ChatContracts
import Logging
import MessageBus
import MongoStore
import ServiceLifecycle

#if PlantedMistakes
    import ServiceKit
#endif

/// Works through the commands of some shards, one batch at a time: the input and output around a ``LanePlanner``.
///
/// Its subscriptions are read by one task each, everything else is done by one worker.
struct Lane: Sendable {
    struct Shard: Sendable {
        var number: Int
        var subscription: CommandSubscription
    }

    let number: Int
    let shards: [Shard]
    let bounds: LanePlanner<CommandDelivery>.Bounds
    let store: MessageStore
    let database: MongoDatabase
    let publisher: LanePublisher
    let debt: ResyncDebt
    let metrics: MessagesMetrics
    let logger: Logger

    /// Works until a graceful shutdown, which lets the batch in flight finish, or cancellation.
    func run() async {
        #if PlantedMistakes
            if PlantedMistake.twoBatchesInFlight.isMade { return await runTwoBatchesAtOnce() }
        #endif
        var planner = makePlanner()
        let inbox = LaneInbox()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for shard in shards {
                    group.addTask {
                        for await event in shard.subscription.events { inbox.put(event, shard: shard.number) }
                    }
                    group.addTask { await shard.subscription.watch() }
                }
                await work(inbox, &planner)
                for shard in shards { await shard.subscription.cancel() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            inbox.stop()
        }
    }

    func makePlanner() -> LanePlanner<CommandDelivery> {
        LanePlanner(shards: shards.map(\.number), bounds: bounds)
    }

    /// The one worker.
    func work(_ inbox: LaneInbox, _ planner: inout LanePlanner<CommandDelivery>) async {
        var health = LaneHealth()
        while !inbox.isStopped, !Task.isCancelled {
            observe(inbox, &planner)
            guard planner.waiting > 0 || planner.nextVisit.map({ $0 <= .now }) ?? false else {
                if let visit = planner.nextVisit {
                    let milliseconds = visit.milliseconds - Timestamp.now.milliseconds
                    await inbox.wait(atMost: .milliseconds(min(max(1, milliseconds), bounds.catchUpAfter)))
                } else {
                    await inbox.wait()
                }
                continue
            }
            if health.failures > 0 {
                guard await waitForDatabase(&health, inbox) else {
                    health.failed(.passing, since: .now, returning: shards.map(\.number))
                    requeue(shards.map(\.number))
                    continue
                }
                observe(inbox, &planner)
            }
            guard let batch = planner.begin(now: .now) else { continue }
            #if PlantedMistakes
                if PlantedMistake.acknowledgesBeforeCommit.isMade { acknowledgeEarly(batch) }
            #endif
            await finish(batch, &planner, &health, inbox)
        }
        // Whoever works on these shards next could do it too, but perhaps only when somebody writes again.
        while !Task.isCancelled, health.failures == 0, let batch = planner.beginClosing(now: .now) {
            await finish(batch, &planner, &health, inbox)
        }
    }

    private func observe(_ inbox: LaneInbox, _ planner: inout LanePlanner<CommandDelivery>) {
        for (shard, event) in inbox.take() {
            switch event {
            case .subscribed: planner.observe(.subscribed, shard: shard)
            case .lost: planner.observe(.lost, shard: shard)
            case .commands(let deliveries):
                planner.observe(
                    .deliveries(
                        deliveries.map { delivery in
                            LaneDelivery(
                                handle: delivery, shard: shard,
                                command: CommandReader.command(delivery, shard: shard),
                                redelivered: delivery.redelivered, deliveryCount: delivery.deliveryCount)
                        }), shard: shard)
            }
        }
    }

    private func finish(
        _ batch: LaneBatch<CommandDelivery>, _ planner: inout LanePlanner<CommandDelivery>,
        _ health: inout LaneHealth, _ inbox: LaneInbox
    ) async {
        var batch = batch
        var decision = planner.firstStep(of: &batch)
        var began = ContinuousClock.now
        while true {
            switch decision {
            case .finish(let completion):
                for delivery in completion.acknowledged { subscription(of: delivery)?.acknowledge(through: delivery) }
                metrics.batchFinished(completion)
                if !completion.unnotified.isEmpty {
                    logger.warning(
                        "the broker did not confirm events in time; their users will be told to sync",
                        metadata: [LogKey.lane: "\(number)", LogKey.count: "\(completion.unnotified.count)"])
                    debt.add(completion.unnotified)
                }
                return health.succeeded()
            case .abandon(let abandoned, let failure):
                metrics.batchAbandoned()
                health.failed(failure, since: began, returning: abandoned)
                requeue(abandoned)
                return
            case .step(let step):
                #if PlantedMistakes
                    if PlantedMistake.repliesBeforeCommit.isMade, case .write(let changes) = step {
                        publisher.answerEarly(changes.filter(\.isBirth).map(\.message), of: batch)
                    }
                #endif
                began = .now
                let outcome = await outcome(of: step)
                metrics.stepTook(step.name, .now - began)
                observe(inbox, &planner)
                decision = planner.advance(&batch, with: outcome)
            }
        }
    }

    func subscription(of delivery: CommandDelivery) -> CommandSubscription? {
        shards.first { Topology.messageCommands(shard: $0.number) == delivery.queue }?.subscription
    }

    // MARK: Steps

    private func outcome(of step: LaneStep<CommandDelivery>) async -> LaneOutcome {
        do {
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
        } catch {
            if (error as? MongoError)?.outcomeUnknown == true { metrics.outcomeUnknown() }
            logger.error(
                "a batch cannot go on and will come again",
                metadata: [
                    LogKey.lane: "\(number)", LogKey.step: "\(step.name.rawValue)", LogKey.error: "\(error)",
                ])
            return .failed(LaneFailure(error))
        }
    }

    private func deadLetter(_ rejection: LaneRejection<CommandDelivery>) async throws(BusError) {
        try await subscription(of: rejection.handle)?.deadLetter(rejection.handle, reason: rejection.reason)
        metrics.deadLettered(1)
    }

    /// Returns the commands of these shards to their queues, for whoever is next in line for them.
    private func requeue(_ numbers: [Int]) {
        for shard in shards where numbers.contains(shard.number) { shard.subscription.resubscribe() }
    }

    /// Returns whether the database answers, within what the lane has the patience for.
    private func waitForDatabase(_ health: inout LaneHealth, _ inbox: LaneInbox) async -> Bool {
        let end = ContinuousClock.now + health.patience
        var delay = health.delay
        while !inbox.isStopped {
            do {
                try await Task.sleep(for: delay * Double.random(in: 0.3...1))
                try await database.ping(timeout: .seconds(2))
                health.databaseAnswered()
                return true
            } catch {
                if Task.isCancelled { return false }
                logger.debug(
                    "the database does not answer",
                    metadata: [LogKey.lane: "\(number)", LogKey.error: "\(error)"])
            }
            requeue(health.returning(of: shards.map(\.number), now: .now))
            guard ContinuousClock.now < end else { return false }
            delay = min(.milliseconds(500), max(delay, .milliseconds(50)) * 2)
        }
        return false
    }
}
