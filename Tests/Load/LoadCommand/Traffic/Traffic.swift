import ChatContracts
import Foundation
import NIOCore
import NIOPosix

/// Sends messages and watches them arrive. Everything happens on one event loop, whose executor this actor uses: what
/// the channels read is handled at once, without a task or a lock.
actor Traffic {
    /// How messages are started.
    enum Pace: Sendable {
        /// So many senders, each with one message in flight.
        case closed(senders: Int)
        /// So many messages each second, whatever happens to those before, from at most so many senders.
        case open(perSecond: Double, senders: Int = .max)
        /// Streams alone.
        case silent
    }

    struct Sender {
        var person: Int
        /// The request's bytes up to the id, and from there on.
        var before: ByteBuffer
        var after: ByteBuffer
        var channel: (any Channel)?
        var inFlight: Int?
        /// Messages whose time has come while another one was in flight.
        var waiting: [Int] = []
    }

    struct Receiver {
        var channel: (any Channel)?
        var isLive = false
        /// How often the gateway has shown that the stream lives.
        var signs = 0
        /// Whether it waits for what it has missed; events that come meanwhile are held.
        var isSyncing = false
        var held: [MessageFields] = []
        /// Attempts to come back since the last cut.
        var attempts = 0
        /// By conversation. A person of a run has few.
        var orders: [ConversationID: StreamOrder] = [:]
    }

    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    /// People use them in turn.
    let gateways: [Gateway]
    let people: People
    let pace: Pace
    var senders: [Sender] = []
    var receivers: [Receiver]
    /// Whose turn it is with an open pace.
    var turn = 0
    var ledger: MessageLedger
    var counters = TrafficCounters()
    var stopsAt = Int64.max
    var measuredFrom = Int64.max
    var measuredTo = Int64.max
    var startedAt: Int64 = 0
    var started = 0
    var isClosing = false
    var storm = Storm()
    var cutAt: Int64 = 0
    /// When each stream was in sync again after the cut.
    var backAt: [Int64] = []
    /// What made the run worthless.
    var failure: String?

    /// The gateway of a run that has one.
    var gateway: Gateway { gateways[0] }

    func gateway(of person: Int) -> Gateway { gateways[person % gateways.count] }

    init(gateways: [Gateway], people: People, pace: Pace, textLength: Int, loop: any EventLoop) {
        self.gateways = gateways
        self.people = people
        self.pace = pace
        self.loop = loop
        ledger = MessageLedger(
            run: .random(in: 1...UInt64.max), streams: people.group == nil ? 2 : people.all.count)
        receivers = Array(repeating: Receiver(), count: people.all.count)
        if let group = people.group {
            for person in receivers.indices {
                receivers[person].orders[group.conversation] = StreamOrder(after: group.head)
            }
        }
        for pair in people.pairs {
            for person in [pair.one, pair.other] {
                receivers[person].orders[pair.conversation] = StreamOrder(after: pair.head)
            }
        }
        // The first sides of all conversations, then the second ones.
        var places = people.pairs.map { (person: $0.one, conversation: $0.conversation) }
        places += people.pairs.map { (person: $0.other, conversation: $0.conversation) }
        if let group = people.group { places = people.all.indices.map { ($0, group.conversation) } }
        switch pace {
        case .closed(let count), .open(_, let count): places = Array(places.prefix(count))
        case .silent: places = []
        }
        senders = places.map { place in
            Self.sender(
                place.person, place.conversation, people, gateways[place.person % gateways.count], textLength)
        }
    }

    private static func sender(
        _ person: Int, _ conversation: ConversationID, _ people: People, _ gateway: Gateway, _ textLength: Int
    ) -> Sender {
        let mark = String(repeating: "0", count: 32)
        let text = "words that are only here to be as many as a message has ".cycled(to: textLength)
        let body = Array("{\"clientMessageId\":\"\(mark)\",\"text\":\"\(text)\"}".utf8)
        let path = "/api/v1/conversations/\(conversation)/messages"
        var whole = gateway.request("POST", path, cookie: people.all[person].cookie, json: body)
        let head = whole.readableBytes - body.count + "{\"clientMessageId\":\"".utf8.count
        let before = whole.readSlice(length: head) ?? ByteBuffer()
        whole.moveReaderIndex(forwardBy: mark.utf8.count)
        return Sender(person: person, before: before, after: whole)
    }

    // MARK: Connections

    /// Opens the streams of all people and the senders' connections; returns when all streams are live.
    func connect() async throws {
        let width = 64
        for start in stride(from: 0, to: receivers.count, by: width) {
            try await withThrowingTaskGroup { group in
                for index in start..<min(start + width, receivers.count) {
                    group.addTask { try await self.connectStream(index) }
                }
                try await group.waitForAll()
            }
        }
        for index in senders.indices { try await connectSender(index) }
        let deadline = ContinuousClock.now + .seconds(30)
        while receivers.contains(where: { !$0.isLive }) {
            if let failure { throw LoadError(failure) }
            guard ContinuousClock.now < deadline else { throw LoadError("not all streams became live") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func connectStream(_ index: Int) async throws {
        let gateway = gateway(of: index)
        let channel = try await gateway.connect(on: loop) { [unowned self] in
            StreamHandler { event in
                self.assumeIsolated { $0.streamed(event, at: index) }
            } onEnd: { reason in
                self.assumeIsolated { $0.streamEnded(index, reason) }
            }
        }
        guard channel.isActive else { throw LoadError("the gateway closed the connection at once") }
        receivers[index].channel = channel
        let request = gateway.request(
            "GET", "/api/v1/events", cookie: people.all[index].cookie, accept: "text/event-stream")
        channel.writeAndFlush(request, promise: nil)
    }

    func connectSender(_ index: Int) async throws {
        senders[index].channel = try await gateway(of: senders[index].person).connect(on: loop) { [unowned self] in
            ResponseHandler(.message) { answer in
                self.assumeIsolated { $0.answered(answer, sender: index) }
            } onEnd: { reason in
                self.assumeIsolated { $0.lostConnection(of: index, reason) }
            }
        }
    }

    func ended(_ reason: String) {
        if !isClosing, failure == nil { failure = reason }
    }

    // MARK: The end

    /// Waits until everything that was acknowledged has arrived, at most for the limit.
    func drain(within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, failure == nil {
            let isQuiet = senders.allSatisfy { $0.inFlight == nil && $0.waiting.isEmpty }
            if isQuiet, ledger.unsettled == 0 { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        // What comes twice comes a little later.
        try await Task.sleep(for: .milliseconds(300))
        if let failure { throw LoadError(failure) }
    }

    var acknowledged: Int { ledger.acknowledged }

    /// How many streams are live, and the smallest number of signs of life that one of them got.
    func signsOfLife() -> (live: Int, fewest: Int) {
        (receivers.count { $0.isLive }, receivers.map(\.signs).min() ?? 0)
    }

    func disconnect() async {
        isClosing = true
        let channels = receivers.compactMap(\.channel) + senders.compactMap(\.channel)
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }

    func result() -> TrafficResult {
        let missing = receivers.reduce(0) { $0 + $1.orders.values.reduce(0) { $0 + $1.missing } }
        return TrafficResult(
            seconds: Double(measuredTo - measuredFrom) / 1e9, sent: ledger.sent,
            acknowledged: counters.acknowledged, delivered: counters.delivered,
            unanswered: ledger.sent - ledger.acknowledged, endToEnd: counters.endToEnd.summary,
            acknowledgement: counters.acknowledgement.summary, violations: ledger.violations(missing: missing),
            ignored: ledger.ignored,
            resyncs: counters.resyncs, refusals: counters.refusals)
    }
}

/// Nanoseconds of the clock that event loops use.
@inline(__always)
func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

extension ByteBuffer {
    mutating func write(hexadecimal value: UInt64) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> shift) & 15
            writeInteger(digit < 10 ? digit + 48 : digit + 87)
        }
    }
}

extension String {
    /// The text over and over, cut to the length.
    func cycled(to length: Int) -> String {
        String(String(repeating: self, count: length / count + 1).prefix(length))
    }
}
