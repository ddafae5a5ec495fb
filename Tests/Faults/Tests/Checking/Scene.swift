import FaultChecker
import FaultHistory

/// A history written by hand, a record every tenth of a second.
///
/// Ada and Ben are the members of conversation `c`; each has a tab (`ada.1`, `ben.1`) and a session named like the tab.
struct Scene {
    var records: [Record] = []
    var final = FinalState(
        conversations: [
            StoredConversation(conversation: "c", members: ["ada", "ben"].map { .init(user: $0) }, messages: [])
        ],
        accounts: [StoredAccount(user: "ada", username: "Ada"), StoredAccount(user: "ben", username: "Ben")],
        queues: [QueueState(name: "work", purpose: .work, ready: 0, unacknowledged: 0, consumers: 1)])
    var time: Double = 0
    private var op: Int64 = 0

    /// Both tabs are connected.
    init() {
        for user in ["ada", "ben"] { connect("\(user).1") }
    }

    /// - Returns: the line.
    @discardableResult
    mutating func add(_ event: Event, by process: String = "ada.1") -> Int {
        time += 0.1
        records.append(Record(at: Int64((time * 1e9).rounded()), process: process, event: event))
        return records.count
    }

    mutating func pass(_ seconds: Double) { time += seconds }

    mutating func operation() -> Int64 {
        op += 1
        return op
    }

    static func user(of tab: String) -> String { String(tab.prefix { $0 != "." }) }

    mutating func connect(_ tab: String, session: String? = nil, asked: Double? = nil) {
        add(
            .tabConnected(
                TabConnected(
                    user: Self.user(of: tab), session: session ?? tab, gateway: "g1",
                    asked: asked.map { Int64($0 * 1e9) })),
            by: tab)
    }

    /// - Returns: the operation and its line.
    mutating func invoke(
        _ id: String, by tab: String = "ada.1", attempt: Int = 1, in conversation: String = "c"
    ) -> (op: Int64, line: Int) {
        let op = operation()
        let line = add(
            .sendInvoked(
                SendInvoked(
                    op: op, conversation: conversation, user: Self.user(of: tab), session: tab, id: id,
                    hash: TextHash.of(id), gateway: "g1", attempt: attempt)),
            by: tab)
        return (op, line)
    }

    mutating func acknowledge(_ op: Int64, _ id: String, seq: Int64, by tab: String = "ada.1") -> Int {
        let user = Self.user(of: tab)
        return add(
            .sendAcknowledged(
                SendAcknowledged(op: op, seq: seq, rev: seq, sender: user, id: id, hash: TextHash.of(id))), by: tab)
    }

    /// Sends a message that is acknowledged at once, and stored.
    ///
    /// - Returns: the lines of invocation and answer.
    @discardableResult
    mutating func send(
        _ id: String, seq: Int64, by tab: String = "ada.1", stored: Bool = true
    ) -> (invoked: Int, answered: Int) {
        let (op, invoked) = invoke(id, by: tab)
        let answered = acknowledge(op, id, seq: seq, by: tab)
        if stored { store(id, seq: seq, sender: Self.user(of: tab)) }
        return (invoked, answered)
    }

    static func message(_ id: String, seq: Int64, sender: String = "ada") -> SeenMessage {
        SeenMessage(seq: seq, rev: seq, sender: sender, id: id, hash: TextHash.of(id))
    }

    mutating func store(_ id: String, seq: Int64, sender: String = "ada") {
        final.conversations[0].messages.append(Self.message(id, seq: seq, sender: sender))
    }

    @discardableResult
    mutating func view(
        _ id: String, seq: Int64, sender: String = "ada", on tab: String = "ben.1", via: Viewed.Source = .stream
    ) -> Int {
        add(
            .viewed(
                Viewed(
                    conversation: "c", seq: seq, rev: seq, sender: sender, id: id, hash: TextHash.of(id), via: via)),
            by: tab)
    }

    /// Both tabs show a message of Ada's.
    mutating func viewOnBoth(_ id: String, seq: Int64) {
        for tab in ["ada.1", "ben.1"] { view(id, seq: seq, on: tab) }
    }

    /// Asks for the newest page, or one that ends before a number.
    mutating func read(
        _ messages: [SeenMessage], by tab: String = "ben.1", before: Int64? = nil
    ) -> (invoked: Int, answered: Int) {
        let op = operation()
        let invoked = add(
            .readInvoked(
                ReadInvoked(
                    op: op, user: Self.user(of: tab), session: tab, gateway: "g1", conversation: "c", before: before)),
            by: tab)
        return (invoked, add(.readAnswered(ReadAnswered(op: op, messages: messages)), by: tab))
    }

    mutating func sync(
        to cursor: Int64, by tab: String = "ben.1", more: Bool = false
    ) -> (invoked: Int, answered: Int) {
        let op = operation()
        let invoked = add(
            .syncInvoked(SyncInvoked(op: op, user: Self.user(of: tab), session: tab, gateway: "g1")), by: tab)
        return (invoked, add(.syncAnswered(SyncAnswered(op: op, cursors: ["c": cursor], more: more)), by: tab))
    }

    mutating func revoke(_ session: String) -> Int {
        let op = operation()
        add(.revokeInvoked(RevokeInvoked(op: op, user: "ben", session: "ben.2", sessions: [session], gateway: "g1")))
        return add(.revokeAcknowledged(RevokeAcknowledged(op: op)))
    }

    @discardableResult
    mutating func fault(
        _ phase: FaultStep.Phase, of fault: String = "F1", window: Int = 1, traces: [Trace]? = nil,
        recovery: Recovery? = nil
    ) -> Int {
        add(
            .fault(
                FaultStep(
                    window: window, fault: fault, phase: phase, detail: "", traces: traces, recovery: recovery)),
            by: "nemesis")
    }

    func verdict() throws -> Verdict { try Checker(tolerance: .strict).check(records, final: final) }
}

extension Verdict {
    subscript(invariant: Invariant) -> Finding { findings.first { $0.invariant == invariant }! }

    /// The invariants that are violated.
    var violatedInvariants: Set<Invariant> {
        Set(findings.filter { $0.decision == .violated }.map(\.invariant))
    }

    /// The lines of the first violation's piece of history.
    func piece(_ invariant: Invariant) -> [Int]? { self[invariant].violations.first?.evidence.compactMap(\.line) }

    subscript(invariant: Invariant, part: String) -> Decision? {
        self[invariant].parts.first { $0.name == part }?.decision
    }
}
