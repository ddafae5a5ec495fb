import FaultChecker
import FaultHistory
import Testing

/// I12 to I14: dead letters, isolation, sessions.
@Suite("The checker, on what is dead-lettered and who may see what")
struct AccessTests {
    @Test func `I12: a good message that was dead-lettered, and something dead-lettered that nobody poisoned`() throws {
        var scene = Scene()
        let sent = scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        scene.final.deadLetters = [
            DeadLetter(queue: "d", reason: "delivery_limit", hash: "1", conversation: "c", sender: "ada", id: "a"),
            DeadLetter(queue: "d", reason: "malformed", hash: "2"),
        ]
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.noSilentDrop])
        #expect(verdict.piece(.noSilentDrop) == [sent.invoked, sent.answered])
        #expect(verdict[.noSilentDrop].violated == 2)
    }

    @Test func `I12: poison belongs there, and poison that vanished is missed`() throws {
        var scene = Scene()
        let line = scene.add(.poison(Poison(queue: "q", hash: "77")), by: "nemesis")
        #expect(try scene.verdict().piece(.noSilentDrop) == [line])
        scene.final.deadLetters = [DeadLetter(queue: "d", reason: "malformed", hash: "77")]
        #expect(try scene.verdict()[.noSilentDrop].decision == .kept)
    }

    @Test func `I12: poison that no broker has confirmed may be there or not`() throws {
        var scene = Scene()
        scene.add(.poison(Poison(queue: "q", hash: "77", isConfirmed: false)), by: "nemesis")
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        scene.final.deadLetters = [DeadLetter(queue: "d", reason: "malformed", hash: "77")]
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        // The same, tried again.
        let line = scene.add(.poison(Poison(queue: "q", hash: "77")), by: "nemesis")
        #expect(try scene.verdict()[.noSilentDrop].decision == .kept)
        scene.final.deadLetters = []
        #expect(try scene.verdict().piece(.noSilentDrop) == [line])
    }

    @Test func `I13: somebody who is no member sees a conversation, on a tab or in a page`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        #expect(try scene.verdict()[.isolation, "membership"] == .kept)
        scene.connect("eve.1")
        let line = scene.view("a", seq: 1, on: "eve.1")
        let page = scene.read([Scene.message("a", seq: 1)], by: "eve.1")
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.isolation])
        #expect(
            verdict[.isolation].violations.map { $0.evidence.compactMap(\.line) }
                == [[line], [page.invoked, page.answered]])
    }

    @Test func `I13: what a stranger without a stream is told counts, too`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        let op = scene.operation()
        scene.add(.syncInvoked(SyncInvoked(op: op, user: "eve", session: "eve", gateway: "g1")), by: "eve")
        let line = scene.view("a", seq: 1, on: "eve", via: .sync)
        scene.add(.syncAnswered(SyncAnswered(op: op, cursors: [:], more: false)), by: "eve")
        #expect(try scene.verdict().piece(.isolation) == [line])
    }

    @Test(arguments: [5.0, 16.0])
    func `I13: a stream that still brings new messages long after its session ended`(delay: Double) throws {
        var scene = Scene()
        let ended = scene.revoke("ben.1")
        scene.pass(delay)
        let sent = scene.send("a", seq: 1)
        let seen = scene.view("a", seq: 1)
        scene.view("a", seq: 1, on: "ada.1")
        let verdict = try scene.verdict()
        #expect(verdict[.isolation, "streams"] == (delay > 15 ? .violated : .kept))
        if delay > 15 { #expect(verdict.piece(.isolation) == [2, ended, sent.invoked, seen]) }
    }

    @Test func `I13: what was written before the end of a session may arrive late`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.view("a", seq: 1, on: "ada.1")
        _ = scene.revoke("ben.1")
        scene.pass(60)
        scene.view("a", seq: 1)
        #expect(try scene.verdict()[.isolation, "streams"] == .kept)
    }

    @Test func `I13: an ended session that gets a stream, a sync or a page`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        let ended = scene.revoke("ben.1")
        let sync = scene.sync(to: 1)
        #expect(try scene.verdict().piece(.isolation) == [ended, sync.invoked, sync.answered])
        scene.connect("ben.3", session: "ben.1", asked: scene.time)
        #expect(try scene.verdict()[.isolation, "streams"] == .violated)
    }

    @Test func `I14: one name, two accounts; and an ended session that is accepted`() throws {
        var scene = Scene()
        for (user, name) in [("u1", "eve"), ("u2", "Eve")] {
            let op = scene.operation()
            scene.add(.signUpInvoked(SignUpInvoked(op: op, username: name, gateway: "g1")))
            scene.add(.signUpAcknowledged(SignUpAcknowledged(op: op, user: user, session: "s.\(user)")))
            scene.final.accounts.append(StoredAccount(user: user, username: name))
        }
        let ended = scene.revoke("s")
        let op = scene.operation()
        let invoked = scene.add(
            .requestInvoked(RequestInvoked(op: op, user: "u1", session: "s", gateway: "g2", what: "GET /session")))
        let answered = scene.add(.requestAcknowledged(RequestAcknowledged(op: op)))
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.uniqueness])
        #expect(
            verdict[.uniqueness].violations.map { $0.evidence.compactMap(\.line) }
                == [[3, 4, 5, 6], [], [ended, invoked, answered]])
    }

    @Test func `I14: a refused second sign-up, and a request that began before the session was surely over`() throws {
        var scene = Scene()
        let first = scene.operation()
        scene.add(.signUpInvoked(SignUpInvoked(op: first, username: "ben", gateway: "g1")))
        scene.add(.refused(Refused(op: first, status: 409, code: "username-taken")))
        let op = scene.operation()
        scene.add(
            .requestInvoked(RequestInvoked(op: op, user: "ben", session: "s", gateway: "g2", what: "GET /session")))
        _ = scene.revoke("s")
        scene.add(.requestAcknowledged(RequestAcknowledged(op: op)))
        let last = scene.operation()
        scene.add(
            .requestInvoked(RequestInvoked(op: last, user: "ben", session: "s", gateway: "g2", what: "GET /session")))
        scene.add(.refused(Refused(op: last, status: 401, code: "not-signed-in")))
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants.isEmpty)
        #expect(verdict[.uniqueness, "sessions"] == .kept)
    }
}
