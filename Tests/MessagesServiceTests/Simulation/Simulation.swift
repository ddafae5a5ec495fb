import ChatContracts

@testable import MessagesService

/// A small world around real planners: clients, a broker, a database, two replicas of the service, and a scheduler that
/// chooses from a seed what happens next. Anything may happen between any two steps of an operation.
///
/// It checks the promises while it runs, and what is stored when everything has come to rest.
struct Simulation {
    struct Shape: Sendable {
        var shards = 2
        var conversations = 2
        /// How many of them are of people without a group in common, so that the first message waits to be accepted.
        var strangers = 1
        var groups = 0
        /// Whether groups have invitations.
        var invitesPeople = true
        var clientsPerConversation = 2
        var messagesPerClient = 4
        var replicas = 2
        var batch = 4
        var prefetch = 6
        /// Remembered conversations; fewer than there are, so that memory is also lost for want of room.
        var remembered = 2
        /// In a thousand.
        var faults = 60
        /// Steps after which there are no more of them.
        var calmAfter = 1_500
        /// The most steps for which the database leaves an operation where it is.
        var stall = 400
        /// In a thousand: how many writes it leaves there between a change's number and its message.
        var stallsHalfway = 20
        /// Of so many and ten things that a client does, this many change a message.
        var changes = 4
        /// In a thousand: how many of the messages are replies.
        var replies = 400
        /// In a thousand: how many of the texts in groups mention people.
        var mentions = 200
        /// In a thousand: how many of the changes are made to the newest message, where they meet.
        var changesOfNewest = 500
        /// Commands that can never be executed.
        var poison = 0
        /// In a thousand: how often the broker keeps the order of what it takes back.
        var orderedReturns = 1_000
        /// Steps within which a conversation counts as busy, and after which its summary is brought up to date.
        var busyWithin: Int64 = 100
        var catchUpAfter: Int64 = 50
        var mostBehind: Int64 = 3
        var mostOpen = 10
        var mistake: SimulatedMistake?
    }

    struct Replica {
        var planner: LanePlanner<SimulatedHandle>
        /// What it is working on; of no use once it is over.
        var batch: LaneBatch<SimulatedHandle>?
        var subscriptions: [Int]
        var mailbox: [(shard: Int, LanePlanner<SimulatedHandle>.Observation)] = []
        /// The operation that its lane waits for.
        var operation: Int?
    }

    struct DatabaseOperation {
        var id: Int
        /// Nil once the asker has given up.
        var replica: Int?
        var step: LaneStep<SimulatedHandle>
        var progress = 0
        var loaded = LaneLoad.Result()
        var heads: [ConversationState] = []
        var lasts: [ConversationID: Message] = [:]
        var write = LaneWrite(stored: 0, conflict: nil)
        /// Changes whose numbers are taken, and whose entries are behind.
        var behind: [Change] = []
        var matched = 0
        /// The database does not go on with it before.
        var wakesAt: Int64 = 0
    }

    struct ReplyInFlight {
        var operation: Int
        var response: LaneResponse
    }

    /// A conversation whose document cannot be read.
    static let unreadable = ConversationID(high: 6, low: 6)

    let shape: Shape
    let seed: UInt64
    var source: SimulationSource
    var store: SimulatedStore
    var queues: [SimulatedQueue]
    var replicas: [Replica] = []
    var clients: [SimulatedClient] = []
    var operations: [SimulatedOperation] = []
    var database: [DatabaseOperation] = []
    var replies: [ReplyInFlight] = []
    var coverage = SimulationCoverage()
    var clock: Int64 = 1_000
    var nextID = 0
    var isCalm = false

    /// What the clients have sent, and will send again.
    var sends: [MessageKey: SendMessage] = [:]
    /// Whom texts are to mention.
    var wanted: [String: [Mention]] = [:]
    /// What the clients were told, by what they had asked.
    var responses: [MessageKey: Message] = [:]
    var told: [ConversationID: Int64] = [:]
    var reached: [UserID: MemberPositions] = [:]
    /// The highest read position that was told, whatever was marked as unread since.
    var shownAsRead: [UserID: Int64] = [:]
    /// How many marks each user has asked for.
    var asksToMark: [UserID: Int64] = [:]
    /// Every version of a user's settings that was told.
    var toldSettings: [UserID: [Int64: ConversationSettings]] = [:]
    /// How many changes of settings each user has asked for.
    var asksToChoose: [UserID: Int64] = [:]
    /// The answers to requests that each user has given.
    var answersToRequests: [UserID: Set<MessageRequest.Answer>] = [:]
    /// Those who were told that a request is accepted which they knew of.
    var accepted: Set<UserID> = []
    /// Settled operations were answered with a refusal or dead-lettered before.
    var refused: Set<Int> = []
    var deadLettered: Set<Int> = []
    /// The last change of each entry that the members were told of.
    var announced: [EntryKey: Int64] = [:]
    var replied: Set<Int> = []
    var owed: Set<UserID> = []
    var owedGroups: Set<ConversationID> = []
    /// The lines that commands about groups were answered with.
    var lines: [MessageKey: Int64] = [:]

    init(seed: UInt64, shape: Shape) {
        self.seed = seed
        self.shape = shape
        source = SimulationSource(seed: seed)
        store = SimulatedStore(mistake: shape.mistake)
        queues = (0..<shape.shards).map { SimulatedQueue(shard: $0) }
        for conversation in 0..<shape.conversations {
            let users = (0..<2).map { UserID(high: 0, low: UInt64(conversation * 2 + $0 + 1)) }
            if conversation < shape.strangers { store.ofStrangers.insert(.direct(users[0], users[1])) }
            for client in 0..<shape.clientsPerConversation {
                let (user, other) = (users[client % 2], users[(client + 1) % 2])
                clients.append(
                    SimulatedClient(
                        user: user, other: other, conversation: .direct(user, other),
                        wanted: shape.messagesPerClient))
            }
        }
        for number in 0..<shape.groups { makeGroup(number) }
        for _ in 0..<shape.replicas { replicas.append(makeReplica()) }
        for index in replicas.indices { subscribeAll(index) }
    }

    /// Runs to the end and checks everything.
    mutating func run() throws -> SimulationCoverage {
        let limit = 300_000
        var poison = shape.poison
        while coverage.steps < limit, !(isAtRest && poison == 0) {
            coverage.steps += 1
            clock += 1
            if poison > 0, source.happens(20) {
                poison -= 1
                publishPoison()
            }
            // Faults end some time, or nothing could be said about the end.
            if coverage.steps > shape.calmAfter { isCalm = true }
            try step()
        }
        guard isAtRest else { throw violation("Everything ends", "there is still work after \(limit) steps") }
        try checkEnd()
        coverage.runs = 1
        for queue in queues {
            for entry in queue.entries where !operations[entry.operation].isPoisonous {
                coverage.mostReturns = max(coverage.mostReturns, entry.returns)
            }
        }
        return coverage
    }

    var isAtRest: Bool {
        clients.allSatisfy(\.isDone) && queues.allSatisfy(\.isDone) && database.isEmpty && replies.isEmpty
            && replicas.allSatisfy { $0.operation == nil && $0.mailbox.isEmpty }
    }

    func violation(_ promise: String, _ detail: String) -> Violation {
        Violation(promise: promise, seed: seed, step: coverage.steps, detail: detail)
    }

    // MARK: Scheduling

    private mutating func step() throws {
        if !isCalm, source.happens(shape.faults) { return try disturb() }
        switch source.below(10) {
        case 0, 1: actClient()
        case 2: deliver()
        case 3, 4, 5: try runReplica()
        case 6, 7, 8: try runDatabase()
        default: try deliverReply()
        }
    }

    private mutating func disturb() throws {
        switch source.below(9) {
        case 0: takeOver(shard: source.below(queues.count))
        case 1: restart(source.below(replicas.count))
        case 2, 3: try giveUp()
        case 4: forgetOperation()
        case 5, 6: stall()
        case 7:
            guard !replies.isEmpty else { return }
            replies.remove(at: source.below(replies.count))
            coverage.lostReplies += 1
        default:
            // A command that nobody can read, between the others.
            let shard = source.below(queues.count)
            operations.append(
                SimulatedOperation(
                    client: 0, command: .malformed(reason: "not JSON"), expectation: .notFound, floor: 0))
            queues[shard].publish(.malformed(reason: "not JSON"), operation: operations.count - 1)
        }
    }

    // MARK: Replicas

    private mutating func makeReplica() -> Replica {
        var bounds = LanePlanner<SimulatedHandle>.Bounds()
        bounds.batch = shape.batch
        bounds.conversations = shape.remembered
        bounds.members = 3
        bounds.counted = 2
        bounds.busyWithin = shape.busyWithin
        bounds.catchUpAfter = shape.catchUpAfter
        bounds.mostBehind = shape.mostBehind
        bounds.mostOpen = shape.mostOpen
        bounds.mostDue = 2
        nextID += 1
        bounds.mark = Int64(nextID)
        return Replica(
            planner: LanePlanner(shards: Array(0..<shape.shards), bounds: bounds),
            subscriptions: Array(repeating: -1, count: shape.shards))
    }

    private mutating func subscribeAll(_ index: Int) {
        for offset in queues.indices { subscribe(index, shard: (offset + index) % queues.count) }
    }

    private mutating func subscribe(_ index: Int, shard: Int) {
        nextID += 1
        replicas[index].subscriptions[shard] = nextID
        queues[shard].subscribe(nextID)
        replicas[index].mailbox.append((shard, .subscribed))
    }

    private mutating func runReplica() throws {
        let index = source.below(replicas.count)
        if !replicas[index].mailbox.isEmpty, source.happens(600) {
            let (shard, observation) = replicas[index].mailbox.removeFirst()
            replicas[index].planner.observe(observation, shard: shard)
        } else if replicas[index].operation == nil {
            guard var batch = replicas[index].planner.begin(now: Timestamp(milliseconds: clock)) else { return }
            if shape.mistake == .acknowledgesFirst {
                for item in batch.items {
                    if case .malformed = item.delivery.command { continue }
                    try settle(item.delivery.handle, andEarlier: false)
                }
            }
            let decision = replicas[index].planner.firstStep(of: &batch)
            replicas[index].batch = batch
            try carryOut(decision, for: index)
        }
    }

    private mutating func carryOut(_ decision: LaneDecision<SimulatedHandle>, for index: Int) throws {
        switch decision {
        case .finish(let completion):
            coverage.redeliveries += completion.redelivered
            coverage.duplicates += completion.duplicates
            coverage.conflicts += completion.conflicts
            if shape.mistake != .ignoresLostEvents {
                owed.formUnion(completion.unnotified)
                owedGroups.formUnion(completion.unnotifiedGroups.keys)
            }
            for handle in completion.acknowledged { try settle(handle, andEarlier: true) }
        case .abandon(let shards, _):
            coverage.unknownOutcomes += 1
            for shard in shards {
                endSubscription(replicas[index].subscriptions[shard], shard: shard)
                replicas[index].mailbox.append((shard, .lost))
                subscribe(index, shard: shard)
            }
        case .step(let step):
            if case .publish(let publication) = step { send(publication.replies) }
            nextID += 1
            replicas[index].operation = nextID
            database.append(DatabaseOperation(id: nextID, replica: index, step: step))
        }
    }

    /// Replies are not waited for; some get lost.
    private mutating func send(_ outgoing: [LanePublication<SimulatedHandle>.Reply]) {
        for reply in outgoing {
            let number = queues[reply.handle.shard].entries[reply.handle.entry].operation
            if case .fault = reply.response { refused.insert(number) }
            replied.insert(number)
            replies.append(ReplyInFlight(operation: number, response: reply.response))
        }
    }

    mutating func report(_ outcome: LaneOutcome, of operation: DatabaseOperation) throws {
        guard let index = operation.replica, var batch = replicas[index].batch else { return }
        replicas[index].operation = nil
        let decision = replicas[index].planner.advance(&batch, with: outcome)
        replicas[index].batch = batch
        try carryOut(decision, for: index)
    }

    mutating func settle(_ handle: SimulatedHandle, andEarlier: Bool) throws {
        for entry in queues[handle.shard].settle(handle, andEarlier: andEarlier) {
            let number = queues[handle.shard].entries[entry].operation
            switch operations[number].command {
            case .send where operations[number].isPoisonous:
                guard !deadLettered.contains(number) else { continue }
                throw violation("Nothing vanishes", "a command was acknowledged that could not be executed")
            case .send(let command):
                let key = MessageKey(command)
                guard store.message(key) == nil, !refused.contains(number) else { continue }
                throw violation("P1", "a send was acknowledged to the broker that is neither stored nor refused")
            case .malformed:
                guard !deadLettered.contains(number) else { continue }
                throw violation("Nothing vanishes", "a malformed command was acknowledged and not dead-lettered")
            case .change where !replied.contains(number):
                throw violation("P1", "a change was acknowledged to the broker that nobody was answered")
            case .settings where !replied.contains(number):
                throw violation("P1", "a change of settings was acknowledged to the broker that nobody was answered")
            case .group where !replied.contains(number):
                throw violation("P1", "a change of a group was acknowledged to the broker that nobody was answered")
            case .open, .position, .settings, .change, .group: continue
            }
        }
    }

    // MARK: Faults

    /// The broker believes that the active consumer is gone and makes the next one active; the old one hears of it when
    /// it hears of it.
    private mutating func takeOver(shard: Int) {
        guard let active = queues[shard].subscriptions.first,
            let index = replicas.firstIndex(where: { $0.subscriptions[shard] == active })
        else { return }
        coverage.takeovers += 1
        endSubscription(active, shard: shard)
        replicas[index].mailbox.append((shard, .lost))
        subscribe(index, shard: shard)
    }

    /// The order of what is returned is the broker's favour, not a promise that anything may rest on.
    private mutating func endSubscription(_ subscription: Int, shard: Int) {
        queues[shard].end(subscription, inOrder: source.happens(shape.orderedReturns))
    }

    private mutating func restart(_ index: Int) {
        coverage.restarts += 1
        for shard in queues.indices { endSubscription(replicas[index].subscriptions[shard], shard: shard) }
        for place in database.indices where database[place].replica == index { database[place].replica = nil }
        replicas[index] = makeReplica()
        subscribeAll(index)
    }

    /// A message to a conversation that somebody has damaged, between the others.
    private mutating func publishPoison() {
        let shard = source.below(queues.count)
        let command = SendMessage(
            conversation: Self.unreadable, sender: UserID(high: 0, low: 1),
            clientMessageId: ClientMessageID(high: 5, low: source.next()), text: "poison")
        operations.append(
            SimulatedOperation(
                client: 0, command: .send(command), expectation: .message, floor: 0, isPoisonous: true))
        queues[shard].publish(.send(command), operation: operations.count - 1)
    }

    /// A lane stops waiting for an operation, which goes on or does not.
    private mutating func giveUp() throws {
        guard !database.isEmpty else { return }
        let place = source.below(database.count)
        guard database[place].replica != nil else { return }
        let operation = database[place]
        database[place].replica = nil
        if operation.wakesAt <= clock, source.happens(500) { database.remove(at: place) }
        if case .publish = operation.step {
            coverage.lostEvents += 1
            try report(.published(confirmed: false), of: operation)
        } else {
            try report(.failed(.passing), of: operation)
        }
    }

    /// The database leaves an operation where it is while others go on; preferably a write that is about to begin or
    /// halfway, because of that others can see something.
    private mutating func stall() {
        let awake = database.indices.filter { database[$0].wakesAt <= clock }
        let writes = awake.filter { if case .write = database[$0].step { true } else { false } }
        guard let place = (writes.isEmpty ? awake : writes).randomElement(using: &source) else { return }
        coverage.stalls += 1
        database[place].wakesAt = clock + Int64(source.below(shape.stall))
    }

    /// What nobody waits for any more ends halfway.
    private mutating func forgetOperation() {
        guard let place = database.firstIndex(where: { $0.replica == nil && $0.wakesAt <= clock }) else { return }
        database.remove(at: place)
    }

    private mutating func deliver() {
        let shard = source.below(queues.count)
        guard
            let (subscription, deliveries) = queues[shard].deliver(
                atMost: 1 + source.below(shape.prefetch), prefetch: shape.prefetch)
        else { return }
        guard let index = replicas.firstIndex(where: { $0.subscriptions[shard] == subscription }) else { return }
        replicas[index].mailbox.append((shard, .deliveries(deliveries)))
    }
}
