import FaultChecker
import FaultHistory
import Testing

/// I7 to I9: orders and answers.
@Suite("The checker, on order")
struct OrderTests {
    @Test func `I7: sent after another was acknowledged, and numbered before it`() throws {
        var scene = Scene()
        let first = scene.send("a", seq: 2)
        let second = scene.send("b", seq: 1, by: "ben.1")
        let verdict = try scene.verdict()
        #expect(verdict.piece(.realTimeOrder) == [first.answered, second.invoked, second.answered])
        #expect(verdict.violatedInvariants == [.realTimeOrder])
    }

    @Test func `I7: what was under way at the same time may be numbered either way`() throws {
        var scene = Scene()
        let (one, _) = scene.invoke("a")
        let (other, _) = scene.invoke("b", by: "ben.1")
        _ = scene.acknowledge(one, "a", seq: 2)
        _ = scene.acknowledge(other, "b", seq: 1, by: "ben.1")
        scene.store("b", seq: 1, sender: "ben")
        scene.store("a", seq: 2)
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I7: a message that was never acknowledged is judged by its stored number`() throws {
        var scene = Scene()
        let first = scene.send("a", seq: 2)
        let (op, invoked) = scene.invoke("b", by: "ben.1")
        scene.add(.unknown(OutcomeUnknown(op: op, reason: "timeout")), by: "ben.1")
        scene.store("b", seq: 1, sender: "ben")
        #expect(try scene.verdict().piece(.realTimeOrder) == [first.answered, invoked])
    }

    @Test func `I8: two messages of one tab that are numbered the other way round`() throws {
        var scene = Scene()
        let (one, first) = scene.invoke("a")
        let (other, second) = scene.invoke("b")
        let answer = scene.acknowledge(other, "b", seq: 1)
        let late = scene.acknowledge(one, "a", seq: 2)
        scene.store("b", seq: 1)
        scene.store("a", seq: 2)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.senderOrder) == [first, second, answer, late])
        #expect(verdict.violatedInvariants == [.senderOrder])
    }

    @Test func `I8: two tabs of one person owe each other no order, and what was given up may come later`() throws {
        var scene = Scene()
        let (given, _) = scene.invoke("given-up")
        scene.add(.unknown(OutcomeUnknown(op: given, reason: "timeout")))
        let (one, _) = scene.invoke("a")
        let (other, _) = scene.invoke("b", by: "ada.2")
        _ = scene.acknowledge(one, "a", seq: 2)
        _ = scene.acknowledge(other, "b", seq: 1, by: "ada.2")
        for (number, id) in ["b", "a", "given-up"].enumerated() { scene.store(id, seq: Int64(number + 1)) }
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I9: two answers for one message that name different numbers`() throws {
        var scene = Scene()
        let first = scene.send("a", seq: 1)
        let (again, _) = scene.invoke("a", attempt: 2)
        let second = scene.acknowledge(again, "a", seq: 2)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.idempotentAnswer) == [first.invoked, first.answered, second])
        #expect(verdict.rows.last?.doubled == 1)
    }

    @Test func `I9: an answer that describes another message`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let (op, invoked) = scene.invoke("b")
        let answered = scene.acknowledge(op, "a", seq: 1)
        #expect(try scene.verdict().piece(.idempotentAnswer) == [invoked, answered])
    }

    @Test func `I9: the same answer for every copy of a message`() throws {
        var scene = Scene()
        let copies = [scene.invoke("a"), scene.invoke("a", attempt: 2), scene.invoke("a", attempt: 3)]
        for (op, _) in copies { _ = scene.acknowledge(op, "a", seq: 1) }
        scene.store("a", seq: 1)
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants.isEmpty)
        #expect(verdict[.idempotentAnswer].examined == 3)
    }
}
