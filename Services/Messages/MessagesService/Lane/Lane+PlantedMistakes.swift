#if PlantedMistakes
    import ChatContracts
    import MessageBus
    import ServiceLifecycle
    import Synchronization

    extension Lane {
        /// Works on two batches of the same shards at a time; the later one takes for granted that the earlier succeeds.
        func runTwoBatchesAtOnce() async {
            let inboxes = [LaneInbox(), LaneInbox()]
            let heads = ExpectedHeads()
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
                                planner.expectedHeads = heads
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

        /// Takes a batch that has just begun from the broker's hands.
        func acknowledgeEarly(_ batch: LaneBatch<CommandDelivery>) {
            for item in batch.items {
                if case .malformed = item.delivery.command { continue }
                subscription(of: item.delivery.handle)?.acknowledge(item.delivery.handle)
            }
        }
    }

    /// The numbers that conversations will have reached when everything that is in flight has been stored.
    final class ExpectedHeads: Sendable {
        private let heads = Mutex<[ConversationID: Int64]>([:])

        func next(after head: Int64, in conversation: ConversationID) -> Int64 {
            heads.withLock { heads in
                let number = max(heads[conversation] ?? 0, head) + 1
                heads[conversation] = number
                return number
            }
        }
    }
#endif
