import FaultChecker
import FaultHistory
import Testing

/// I5, I6, I10, I11: what observers see.
@Suite("The checker, on what is seen")
struct SeenTests {
    @Test func `I5: two observers that see different messages as one number disagree`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let (op, _) = scene.invoke("b")
        scene.add(.unknown(OutcomeUnknown(op: op, reason: "timeout")))
        let first = scene.view("a", seq: 1, on: "ada.1")
        let second = scene.view("b", seq: 1, on: "ben.1")
        let verdict = try scene.verdict()
        let acknowledged = 4
        #expect(first == 7)
        #expect(verdict.piece(.agreement) == [acknowledged, second])
        #expect(verdict[.agreement, "store"] == .violated)
        #expect(verdict.violatedInvariants == [.agreement, .convergence] || verdict.violatedInvariants == [.agreement])
    }

    @Test func `I5: the same message seen by all, in every way, is agreement`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        _ = scene.read([Scene.message("a", seq: 1)])
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I6: what was seen and is gone at the end was lost, even if its sender never heard of it`() throws {
        var scene = Scene()
        let (op, _) = scene.invoke("a")
        scene.add(.unknown(OutcomeUnknown(op: op, reason: "timeout")))
        let seen = scene.view("a", seq: 1)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.stability) == [seen])
        #expect(verdict.rows.last?.lost == 1)
    }

    @Test func `I6: a page or a sync that begins after a number was seen and ends before it is wrong`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let second = scene.send("b", seq: 2)
        scene.viewOnBoth("a", seq: 1)
        scene.viewOnBoth("b", seq: 2)
        let page = scene.read([Scene.message("a", seq: 1)])
        let sync = scene.sync(to: 1)
        let pieces = try scene.verdict()[.stability].violations.map { $0.evidence.compactMap(\.line) }
        #expect(
            pieces == [
                [second.answered, page.invoked, page.answered], [second.answered, sync.invoked, sync.answered],
            ])
    }

    @Test func `I6: older pages, answers that were cut short, and answers of servers that were cut off are allowed`()
        throws
    {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.send("b", seq: 2)
        scene.viewOnBoth("a", seq: 1)
        scene.viewOnBoth("b", seq: 2)
        _ = scene.read([Scene.message("a", seq: 1)], before: 2)
        _ = scene.sync(to: 1, more: true)
        scene.fault(.begin, of: "F8", traces: [Trace("nothing", atLeast: 0)])
        scene.fault(.inject, of: "F8")
        _ = scene.sync(to: 1)
        scene.fault(.heal, of: "F8")
        scene.fault(.end, of: "F8")
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants.isEmpty)
        #expect(
            verdict[.stability].parts.compactMap(\.remark).contains { $0.contains("1 answers during faults were old") })
    }

    @Test func `I6: a page with a hole in it is wrong`() throws {
        var scene = Scene()
        for (number, id) in ["a", "b", "x"].enumerated() {
            scene.send(id, seq: Int64(number + 1))
            scene.viewOnBoth(id, seq: Int64(number + 1))
        }
        let page = scene.read([Scene.message("a", seq: 1), Scene.message("x", seq: 3)])
        #expect(try scene.verdict().piece(.stability) == [page.invoked, page.answered])
    }

    @Test(arguments: [true, false])
    func `I10: a tab that skips a number, or shows one again, is caught with the two lines`(skips: Bool) throws {
        var scene = Scene()
        for (number, id) in ["a", "b", "x"].enumerated() { scene.send(id, seq: Int64(number + 1)) }
        for (number, id) in ["a", "b", "x"].enumerated() { scene.view(id, seq: Int64(number + 1), on: "ada.1") }
        let first = scene.view("a", seq: 1)
        if !skips { scene.view("b", seq: 2) }
        let before = skips ? first : first + 1
        let second = skips ? scene.view("x", seq: 3) : scene.view("a", seq: 1)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.view) == [before, second])
        #expect(verdict.rows.last?.disordered == 1)
    }

    @Test func `I10: a tab may begin anew at a later number when it was told to`() throws {
        var scene = Scene()
        for (number, id) in ["a", "b", "x"].enumerated() {
            scene.send(id, seq: Int64(number + 1))
            scene.view(id, seq: Int64(number + 1), on: "ada.1")
        }
        scene.view("a", seq: 1)
        scene.add(.viewReset(ViewReset(conversation: "c", next: 3)), by: "ben.1")
        scene.view("x", seq: 3, via: .sync)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I11: a tab that is connected at the end and lacks the last message has not converged`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        let shown = scene.records.count
        scene.send("b", seq: 2)
        scene.view("b", seq: 2, on: "ada.1")
        scene.pass(20)
        scene.add(.note(Note(text: "the end")))
        let verdict = try scene.verdict()
        #expect(verdict.piece(.convergence) == [2, shown])
    }

    @Test func `I11: a tab that is away, or only just came back, owes nothing`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.view("a", seq: 1, on: "ada.1")
        scene.add(.tabDisconnected(TabDisconnected(reason: "closed")), by: "ben.1")
        scene.pass(20)
        scene.connect("ben.1")
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test(arguments: [20.0, 40.0])
    func `I11: half a minute after a fault is healed every connected tab has what there was`(delay: Double) throws {
        var scene = Scene()
        scene.fault(.begin, traces: [Trace("nothing", atLeast: 0)])
        scene.fault(.inject)
        let sent = scene.send("a", seq: 1)
        scene.view("a", seq: 1, on: "ada.1")
        let healed = scene.fault(.heal)
        scene.pass(delay)
        scene.view("a", seq: 1, via: .sync)
        scene.pass(20)
        scene.fault(.end)
        let verdict = try scene.verdict()
        if delay < 30 {
            #expect(verdict.violatedInvariants.isEmpty)
            #expect(verdict[.convergence, "after healing"] == .kept)
        } else {
            #expect(verdict.violatedInvariants == [.convergence])
            #expect(verdict.piece(.convergence)?.prefix(2) == [sent.answered, healed])
            #expect(verdict[.convergence].violations.first?.fault == "F1")
        }
    }
}
