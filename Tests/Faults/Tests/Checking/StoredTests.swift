import FaultChecker
import FaultHistory
import Testing

/// I1 to I4: what the final read has to hold.
@Suite("The checker, on what is stored")
struct StoredTests {
    @Test func `A run without faults in it violates nothing`() throws {
        var scene = Scene()
        for (number, id) in ["a", "b", "x"].enumerated() {
            scene.send(id, seq: Int64(number + 1))
            scene.viewOnBoth(id, seq: Int64(number + 1))
        }
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants.isEmpty)
        #expect(verdict.passed)
        #expect(verdict[.durability].decision == .kept)
        #expect(verdict.totals.messagesAcknowledged == 3)
    }

    @Test func `I1: an acknowledged message that is not stored is lost`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let lost = scene.send("b", seq: 2, stored: false)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.durability) == [lost.invoked, lost.answered])
        #expect(verdict[.durability].violations.first?.sentence.contains("is not stored") == true)
        #expect(verdict.rows.last?.lost == 1)
        #expect(!verdict.passed)
    }

    @Test func `I1: an acknowledged message that is stored under another number is found there`() throws {
        var scene = Scene()
        scene.send("a", seq: 1, stored: false)
        scene.store("a", seq: 2)
        #expect(try scene.verdict()[.durability].violations.first?.sentence.contains("is stored as number 2") == true)
    }

    @Test func `I1: a message with an unknown outcome may be stored or not`() throws {
        var scene = Scene()
        let (first, _) = scene.invoke("a")
        scene.add(.unknown(OutcomeUnknown(op: first, reason: "timeout")))
        let (second, _) = scene.invoke("b")
        scene.add(.unknown(OutcomeUnknown(op: second, reason: "timeout")))
        _ = scene.invoke("without-a-result")
        scene.store("b", seq: 1)
        scene.viewOnBoth("b", seq: 1)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I1: a message that was accepted and is not stored`() throws {
        var scene = Scene()
        let (first, invoked) = scene.invoke("a")
        let accepted = scene.add(.unknown(OutcomeUnknown(op: first, reason: "outcome-unknown", accepted: true)))
        let (second, _) = scene.invoke("b", by: "eve.1")
        scene.add(.unknown(OutcomeUnknown(op: second, reason: "outcome-unknown", accepted: true)), by: "eve.1")
        let verdict = try scene.verdict()
        #expect(verdict.piece(.durability) == [invoked, accepted])
        #expect(verdict[.durability].violations.count == 1, "a stranger's message need not be stored")

        scene.store("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I1: a position and an account that were acknowledged are stored`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        let op = scene.operation()
        let invoked = scene.add(
            .positionInvoked(
                PositionInvoked(op: op, user: "ben", session: "ben.1", gateway: "g1", conversation: "c", read: 1)))
        let answered = scene.add(.positionAcknowledged(PositionAcknowledged(op: op)))
        let signUp = scene.operation()
        scene.add(.signUpInvoked(SignUpInvoked(op: signUp, username: "Eve", gateway: "g1")))
        scene.add(.signUpAcknowledged(SignUpAcknowledged(op: signUp, user: "eve", session: "s")))
        let verdict = try scene.verdict()
        #expect(verdict.piece(.durability) == [invoked, answered])
        #expect(verdict[.durability, "accounts"] == .violated)

        scene.final.conversations[0].members[1] = .init(user: "ben", received: 1, read: 1)
        scene.final.accounts.append(StoredAccount(user: "eve", username: "Eve"))
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I1: settings that were acknowledged are stored, or later ones, and a version is told in one way`()
        throws
    {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        func choose(_ settings: SeenSettings) -> [Int] {
            let op = scene.operation()
            let invoked = scene.add(
                .settingsInvoked(
                    SettingsInvoked(
                        op: op, user: "ben", session: "ben.1", gateway: "g1", conversation: "c", version: 0)))
            return [
                invoked, scene.add(.settingsAcknowledged(SettingsAcknowledged(op: op, settings: settings))),
            ]
        }
        // Nothing was ever chosen, and nothing is stored.
        _ = choose(SeenSettings(version: 0))
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        let pinned = choose(SeenSettings(version: 1, pinnedAt: 5))
        #expect(try scene.verdict().piece(.durability) == pinned)
        scene.final.conversations[0].members[1].settings = SeenSettings(version: 1, pinnedAt: 6)
        #expect(try scene.verdict()[.durability, "settings"] == .violated)
        scene.final.conversations[0].members[1].settings = SeenSettings(version: 1, pinnedAt: 5)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        scene.final.conversations[0].members[1].settings = SeenSettings(version: 2)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        let muted = choose(SeenSettings(version: 1, isMuted: true))
        #expect(try scene.verdict().piece(.durability) == [pinned[1]] + muted)
    }

    @Test func `Without a final read nothing is known of what is stored`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let verdict = try Checker(tolerance: .strict).check(scene.records, final: nil)
        #expect(verdict[.durability].decision == .unknown)
        #expect(verdict[.contiguity].decision == .unknown)
        #expect(verdict[.agreement, "observers"] == .kept)
        #expect(!verdict.violated)
    }

    @Test func `I2: a message that is stored twice, or shown twice by a tab, is doubled`() throws {
        var scene = Scene()
        let sent = scene.send("a", seq: 1)
        scene.store("a", seq: 2)
        let first = scene.view("a", seq: 1)
        let second = scene.view("a", seq: 2)
        let verdict = try scene.verdict()
        let violations = verdict[.atMostOnce].violations
        #expect(violations.map { $0.evidence.compactMap(\.line) } == [[sent.invoked], [first, second]])
        #expect(violations[0].evidence.count { $0.line == nil } == 2)
        #expect(verdict.rows.last?.doubled == 1)
    }

    @Test func `I2: two tabs may show the same message, and a tab may show it again after a reset`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        scene.add(.viewReset(ViewReset(conversation: "c", next: 1)), by: "ben.1")
        scene.view("a", seq: 1, via: .sync)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I3: what is stored and nobody sent, or was refused every time, is a phantom`() throws {
        var scene = Scene()
        let (op, invoked) = scene.invoke("a")
        let refused = scene.add(.refused(Refused(op: op, status: 503, code: "unavailable", retryAfter: 2)))
        scene.store("a", seq: 1)
        scene.store("nobody's", seq: 2)
        let violations = try scene.verdict()[.noPhantom].violations
        #expect(violations.map { $0.evidence.compactMap(\.line) } == [[invoked, refused], []])
        #expect(violations.map(\.evidence.last?.line) == [nil, nil])
    }

    @Test func `I3: what was refused once and tried again may be stored`() throws {
        var scene = Scene()
        let (first, _) = scene.invoke("a")
        scene.add(.refused(Refused(op: first, status: 503, code: "unavailable", retryAfter: 2)))
        let (second, _) = scene.invoke("a", attempt: 2)
        scene.add(.unknown(OutcomeUnknown(op: second, reason: "reset")))
        scene.store("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I3: a message that is seen with another text, or that nobody sent, is a phantom`() throws {
        var scene = Scene()
        let line = scene.view("ghost", seq: 1)
        #expect(try scene.verdict().piece(.noPhantom) == [line])
    }

    @Test func `I4: a hole and a number held twice are both found`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let late = scene.send("b", seq: 3)
        let verdict = try scene.verdict()
        #expect(verdict[.contiguity].violated == 1)
        #expect(verdict.piece(.contiguity) == [1 + 2, late.invoked])

        var other = Scene()
        other.send("a", seq: 1)
        other.send("b", seq: 1)
        #expect(try other.verdict()[.contiguity].violations.first?.sentence.contains("two messages") == true)
    }
}
