#if PlantedMistakes
    import ChatContracts
    import MessageBus
    import MongoStore
    import ServiceKit
    import ServiceLifecycle
    import Synchronization

    extension MessagesVariant {
        /// With the mistake that this process was told to make.
        static var ofThisBuild: MessagesVariant {
            var variant = MessagesVariant()
            guard let mistake = PlantedMistake.chosen else { return variant }
            switch mistake {
            case .weakWriteConcern: variant.store = { MessageStore(database: $0, durability: .primary) }
            case .noDuplicateCheck:
                variant.once.unique = false
                variant.executor = { MistakenStepExecutor(base: $0, mistake: mistake) }
            case .twoBatchesInFlight:
                variant.executor = { OptimisticStepExecutor(base: $0) }
                variant.run = { await $0.runTwoBatchesAtOnce() }
            case .acknowledgesBeforeCommit, .acknowledgesBeforeEventConfirm, .unorderedInsert, .repliesBeforeCommit,
                .historyBeforeJoining:
                variant.executor = { MistakenStepExecutor(base: $0, mistake: mistake) }
            case .noResync, .revocationNotPublished, .noDigests, .membersNotAskedAgain,
                .membersNeverForgotten:
                break
            }
            return variant
        }
    }

    /// Takes one kind of step wrongly.
    private struct MistakenStepExecutor: LaneStepExecuting {
        let base: LaneStepExecutor
        let mistake: PlantedMistake

        func execute(
            _ step: LaneStep<CommandDelivery>, for batch: LaneBatch<CommandDelivery>
        ) async -> LaneOutcome {
            switch (mistake, step) {
            case (.noDuplicateCheck, .load(var load)):
                load.messages = []
                return await base.execute(.load(load), for: batch)
            case (.unorderedInsert, .write(let changes)):
                return await base.outcome(of: step) {
                    let inserted = try await base.store.messages.insertMany(
                        changes.map(\.document), ordered: false, writeConcern: base.store.durability)
                    return .written(try await base.store.finish(changes, after: inserted))
                }
            case (.acknowledgesBeforeCommit, .load), (.acknowledgesBeforeCommit, .write): acknowledge(batch)
            case (.repliesBeforeCommit, .write(let changes)):
                reply(changes.filter(\.isBirth).map(\.message), to: batch)
            case (.historyBeforeJoining, .write(let changes)):
                let outcome = await base.execute(step, for: batch)
                return await base.outcome(of: step) {
                    try await showEverything(in: Set(changes.map(\.message.conversation)))
                    return outcome
                }
            case (.acknowledgesBeforeEventConfirm, .publish(let publication)):
                Task { [base] in await base.publisher.publish(publication) }
                return .published(confirmed: true)
            default: break
            }
            return await base.execute(step, for: batch)
        }

        /// Lets the members of groups see what was written before they joined.
        private func showEverything(in conversations: Set<ConversationID>) async throws(MongoError) {
            let filter = BSONDocument { writer in
                writer.document(MembershipField.conversation) {
                    $0.append("$in", conversations.map { BSONBinary($0.bytes) })
                }
            }
            let update = BSONDocument { writer in
                writer.document("$set") { $0.append(MembershipField.historyFrom, Int64(0)) }
            }
            _ = try await base.store.memberships.update(
                filter, update: update, many: true, writeConcern: base.store.durability)
        }

        /// Takes a batch that is not stored from the broker's hands.
        private func acknowledge(_ batch: LaneBatch<CommandDelivery>) {
            for item in batch.items {
                if case .malformed = item.delivery.command { continue }
                base.shards.subscription(of: item.delivery.handle)?.acknowledge(item.delivery.handle)
            }
        }

        /// Tells senders that messages are stored which are not yet.
        private func reply(_ messages: [Message], to batch: LaneBatch<CommandDelivery>) {
            let known = Dictionary(messages.map { (MessageKey($0), $0) }) { first, _ in first }
            base.publisher.publisher.send(
                replies: batch.items.compactMap { item in
                    guard case .send(let command) = item.delivery.command, let replyTo = item.delivery.handle.replyTo,
                        let message = known[MessageKey(command)]
                    else { return nil }
                    return OutgoingReply(
                        replyTo: replyTo, correlationID: item.delivery.handle.correlationID,
                        outcome: .value(JSONLine.encode(message)))
                })
        }
    }

    /// Takes for granted that whatever is being stored will have been stored.
    private final class OptimisticStepExecutor: LaneStepExecuting {
        private let base: LaneStepExecutor
        /// The numbers that conversations will have reached then.
        private let heads = Mutex<[ConversationID: Int64]>([:])

        init(base: LaneStepExecutor) { self.base = base }

        func execute(
            _ step: LaneStep<CommandDelivery>, for batch: LaneBatch<CommandDelivery>
        ) async -> LaneOutcome {
            if case .write(let changes) = step {
                heads.withLock { heads in
                    for message in changes.map(\.message) {
                        heads[message.conversation] = max(heads[message.conversation] ?? 0, message.rev)
                    }
                }
            }
            let outcome = await base.execute(step, for: batch)
            guard case .loaded(var result) = outcome else { return outcome }
            heads.withLock { heads in
                for place in result.conversations.indices {
                    let state = result.conversations[place].state
                    result.conversations[place].state.head = max(state.head, heads[state.id] ?? 0)
                }
            }
            return .loaded(result)
        }
    }

    extension Lane {
        /// Works on two batches of the same shards at a time.
        fileprivate func runTwoBatchesAtOnce() async {
            let inboxes = [LaneInbox(), LaneInbox()]
            await withGracefulShutdownHandler {
                await withDiscardingTaskGroup { group in
                    for shard in shards {
                        group.addTask {
                            var turn = 0
                            for await event in shard.subscription.events {
                                if case .commands = event {
                                    inboxes[turn].put(event, shard: shard.number)
                                    turn = 1 - turn
                                } else {
                                    for inbox in inboxes { inbox.put(event, shard: shard.number) }
                                }
                            }
                        }
                    }
                    await withDiscardingTaskGroup { workers in
                        for inbox in inboxes {
                            workers.addTask {
                                var planner = makePlanner()
                                await work(inbox, &planner)
                            }
                        }
                    }
                    for shard in shards { await shard.subscription.cancel() }
                    if Task.isCancelled { group.cancelAll() }
                }
            } onGracefulShutdown: {
                for inbox in inboxes { inbox.stop() }
            }
        }
    }
#else
    extension MessagesVariant {
        static let ofThisBuild = MessagesVariant()
    }
#endif
