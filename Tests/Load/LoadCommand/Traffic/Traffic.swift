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
        /// So many messages each second, whatever happens to those before.
        case open(perSecond: Double)
    }

    private struct Sender {
        var person: Int
        var pair: Int
        /// The request's bytes up to the id, and from there on.
        var before: ByteBuffer
        var after: ByteBuffer
        var channel: (any Channel)?
        var inFlight: Int?
        /// Messages whose time has come while another one was in flight.
        var waiting: [Int] = []
    }

    private struct Receiver {
        var channel: (any Channel)?
        var isLive = false
        /// By conversation. A person of a run has few.
        var orders: [ConversationID: StreamOrder] = [:]
    }

    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.executor.asUnownedSerialExecutor() }

    private let gateway: Gateway
    private let people: People
    private let pace: Pace
    private var senders: [Sender] = []
    private var receivers: [Receiver]
    /// Whose turn it is with an open pace.
    private var turn = 0
    private var ledger = MessageLedger(run: .random(in: 1...UInt64.max))
    private var counters = TrafficCounters()
    private var stopsAt = Int64.max
    private var measuredFrom = Int64.max
    private var measuredTo = Int64.max
    private var startedAt: Int64 = 0
    private var started = 0
    private var isClosing = false
    /// What made the run worthless.
    private var failure: String?

    init(gateway: Gateway, people: People, pace: Pace, textLength: Int, loop: any EventLoop) {
        self.gateway = gateway
        self.people = people
        self.pace = pace
        self.loop = loop
        receivers = Array(repeating: Receiver(), count: people.all.count)
        for pair in people.pairs {
            for person in [pair.one, pair.other] {
                receivers[person].orders[pair.conversation] = StreamOrder(after: pair.head)
            }
        }
        // The first sides of all conversations, then the second ones.
        var places: [(person: Int, pair: Int)] = people.pairs.indices.map { (people.pairs[$0].one, $0) }
        places += people.pairs.indices.map { (people.pairs[$0].other, $0) }
        if case .closed(let count) = pace { places = Array(places.prefix(count)) }
        senders = places.map { place in
            Self.sender(place.person, place.pair, people, gateway, textLength)
        }
    }

    private static func sender(
        _ person: Int, _ pair: Int, _ people: People, _ gateway: Gateway, _ textLength: Int
    ) -> Sender {
        let mark = String(repeating: "0", count: 32)
        let text = "words that are only here to be as many as a message has ".cycled(to: textLength)
        let body = Array("{\"clientMessageId\":\"\(mark)\",\"text\":\"\(text)\"}".utf8)
        let path = "/api/v1/conversations/\(people.pairs[pair].conversation)/messages"
        var whole = gateway.request("POST", path, cookie: people.all[person].cookie, json: body)
        let head = whole.readableBytes - body.count + "{\"clientMessageId\":\"".utf8.count
        let before = whole.readSlice(length: head) ?? ByteBuffer()
        whole.moveReaderIndex(forwardBy: mark.utf8.count)
        return Sender(person: person, pair: pair, before: before, after: whole)
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

    private func connectStream(_ index: Int) async throws {
        let channel = try await gateway.connect(on: loop) { [unowned self] in
            StreamHandler { event in
                self.assumeIsolated { $0.streamed(event, at: index) }
            } onEnd: { reason in
                self.assumeIsolated { $0.ended("a stream broke: \(reason)") }
            }
        }
        receivers[index].channel = channel
        let request = gateway.request(
            "GET", "/api/v1/events", cookie: people.all[index].cookie, accept: "text/event-stream")
        try await channel.writeAndFlush(request).get()
    }

    private func connectSender(_ index: Int) async throws {
        senders[index].channel = try await gateway.connect(on: loop) { [unowned self] in
            AnswerHandler(.message) { answer in
                self.assumeIsolated { $0.answered(answer, sender: index) }
            } onEnd: { reason in
                self.assumeIsolated { $0.lostConnection(of: index, reason) }
            }
        }
    }

    private func ended(_ reason: String) {
        if !isClosing, failure == nil { failure = reason }
    }

    // MARK: Sending

    /// Starts to send at the pace until ``stop()``.
    func start() {
        startedAt = now()
        ledger.reserve(1 << 20)
        switch pace {
        case .closed:
            for index in senders.indices { send(ledger.send(at: now(), by: senders[index].person), by: index) }
        case .open: sendWhatIsDue()
        }
    }

    /// No further message is started.
    func stop() { stopsAt = now() }

    private func sendWhatIsDue() {
        guard case .open(let perSecond) = pace, now() < stopsAt else { return }
        while true {
            let due = startedAt + Int64(Double(started) * 1e9 / perSecond)
            guard due <= now() else {
                loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(due))) { [unowned self] in
                    self.assumeIsolated { $0.sendWhatIsDue() }
                }
                return
            }
            started += 1
            let index = turn
            turn = (turn + 1) % senders.count
            let message = ledger.send(at: due, by: senders[index].person)
            if senders[index].inFlight == nil {
                send(message, by: index)
            } else {
                senders[index].waiting.append(message)
            }
        }
    }

    private func send(_ message: Int, by index: Int) {
        senders[index].inFlight = message
        guard let channel = senders[index].channel else { return }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(senders[index].before.readableBytes + 32 + senders[index].after.readableBytes)
        bytes.writeImmutableBuffer(senders[index].before)
        bytes.write(hexadecimal: ledger.run)
        bytes.write(hexadecimal: UInt64(message))
        bytes.writeImmutableBuffer(senders[index].after)
        channel.writeAndFlush(bytes, promise: nil)
    }

    private func answered(_ answer: Answer, sender index: Int) {
        guard let message = senders[index].inFlight else { return ended("an answer came that nobody waited for") }
        guard answer.status == 200, let fields = answer.message, fields.id == ledger.id(of: message) else {
            return refused(answer, sender: index)
        }
        let time = now()
        if let sentAt = ledger.acknowledge(message, seq: fields.seq) {
            if isMeasured(time) { counters.acknowledged += 1 }
            if isMeasured(sentAt) { counters.acknowledgement.record(time - sentAt) }
            counters.second.acknowledged += 1
        }
        senders[index].inFlight = nil
        switch pace {
        case .closed where time < stopsAt: send(ledger.send(at: time, by: senders[index].person), by: index)
        case .open where !senders[index].waiting.isEmpty: send(senders[index].waiting.removeFirst(), by: index)
        default: break
        }
    }

    /// Sends the same again after a while, as the page does.
    private func refused(_ answer: Answer, sender index: Int) {
        counters.refusals["\(answer.status)", default: 0] += 1
        if answer.status < 500, answer.status != 429 {
            return ended(
                "a message was refused: \(answer.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
        }
        loop.scheduleTask(in: .milliseconds(100)) { [unowned self] in
            self.assumeIsolated { $0.sendAgain(index) }
        }
    }

    private func sendAgain(_ index: Int) {
        guard !isClosing, let message = senders[index].inFlight else { return }
        send(message, by: index)
    }

    private func lostConnection(of index: Int, _ reason: String) {
        senders[index].channel = nil
        guard !isClosing else { return }
        // A keep-alive connection may be closed between two requests; a request under way is sent again.
        counters.refusals[senders[index].inFlight == nil ? "idle connection closed" : "connection lost", default: 0] +=
            1
        Task {
            do {
                try await connectSender(index)
                sendAgain(index)
            } catch {
                ended("the gateway takes no connection: \(error)")
            }
        }
    }

    // MARK: Receiving

    private func streamed(_ event: StreamEvent, at index: Int) {
        switch event {
        case .message(let message):
            guard let order = receivers[index].orders[message.conversation]?.arrive(message.seq) else {
                return ended("a stream showed a conversation that nobody here has written to")
            }
            guard let sentAt = ledger.arrive(message, at: index, order: order) else { return }
            let time = now()
            if isMeasured(time) { counters.delivered += 1 }
            if isMeasured(sentAt) { counters.endToEnd.record(time - sentAt) }
            counters.second.delivered += 1
            counters.second.endToEnd.record(time - sentAt)
        case .alive: receivers[index].isLive = true
        case .resync: counters.resyncs += 1
        case .goodbye: ended("the gateway is stopping")
        case .other: break
        }
    }

    // MARK: Measuring

    /// What is sent or done between the two moments counts.
    func measure(from begin: Int64, to end: Int64) {
        measuredFrom = begin
        measuredTo = end
    }

    private func isMeasured(_ time: Int64) -> Bool { time >= measuredFrom && time < measuredTo }

    /// The last second's figures for people; they begin anew.
    func takeSecond() throws -> TrafficCounters.Second {
        if let failure { throw LoadError(failure) }
        defer { counters.second = .init() }
        return counters.second
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
