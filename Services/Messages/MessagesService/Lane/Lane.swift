import ChatContracts
import LogKeys
import Logging
import MessageBus
import MongoStore
import ServiceLifecycle

/// Works through the commands of some shards, one batch at a time, as a ``LanePlanner`` says.
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
    let executor: any LaneStepExecuting
    let database: MongoDatabase
    let debt: ResyncDebt
    let metrics: MessagesMetrics
    let logger: Logger

    /// Works until a graceful shutdown, which lets the batch in flight finish, or cancellation.
    func run() async {
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
                for delivery in completion.acknowledged {
                    shards.subscription(of: delivery)?.acknowledge(through: delivery)
                }
                metrics.batchFinished(completion)
                if !completion.unnotified.isEmpty || !completion.unnotifiedGroups.isEmpty {
                    logger.warning(
                        "the broker did not confirm events in time; their users will be told to sync",
                        metadata: [
                            LogKey.lane: "\(number)",
                            LogKey.count: "\(completion.unnotified.count + completion.unnotifiedGroups.count)",
                        ])
                    debt.add(completion.unnotified, groups: completion.unnotifiedGroups)
                }
                return health.succeeded()
            case .abandon(let abandoned, let failure):
                metrics.batchAbandoned()
                health.failed(failure, since: began, returning: abandoned)
                requeue(abandoned)
                return
            case .step(let step):
                began = .now
                let outcome = await executor.execute(step, for: batch)
                metrics.stepTook(step.name, .now - began)
                observe(inbox, &planner)
                decision = planner.advance(&batch, with: outcome)
            }
        }
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

extension [Lane.Shard] {
    func subscription(of delivery: CommandDelivery) -> CommandSubscription? {
        first { Topology.messageCommands(shard: $0.number) == delivery.queue }?.subscription
    }
}
