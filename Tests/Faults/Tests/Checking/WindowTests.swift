import FaultChecker
import FaultHistory
import Testing

/// I15 to I17, the table, and whether a fault happened at all.
@Suite("The checker, on faults and bounds")
struct WindowTests {
    @Test func `I15: queues that are not empty at rest, and queues whose process is gone`() throws {
        var scene = Scene()
        scene.final.queues += [
            QueueState(name: "stuck", purpose: .work, ready: 0, unacknowledged: 3, consumers: 1),
            QueueState(name: "leaked", purpose: .process, ready: 0, unacknowledged: 0, consumers: 0),
            QueueState(name: "letters", purpose: .deadLetters, ready: 5, unacknowledged: 0, consumers: 0),
        ]
        let finding = try scene.verdict()[.recovery]
        #expect(finding.violated == 2)
        #expect(finding.violations.map { $0.evidence.count } == [1, 1])
    }

    @Test(arguments: [2.0, 10.0])
    func `I15: recovery counts from the fault to the first answer of the slowest conversation`(within: Double) throws {
        var scene = Scene()
        scene.fault(
            .begin, traces: [Trace("unknown", sights: [.unknown])], recovery: Recovery(from: .inject, within: within))
        let injected = scene.fault(.inject)
        let (first, invoked) = scene.invoke("a")
        scene.pass(3)
        scene.add(.unknown(OutcomeUnknown(op: first, reason: "reset")))
        let (second, _) = scene.invoke("a", attempt: 2)
        let answered = scene.acknowledge(second, "a", seq: 1)
        scene.store("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        scene.fault(.heal)
        scene.fault(.end)
        let verdict = try scene.verdict()
        let row = try #require(verdict.rows.first)
        #expect(try #require(row.recovery) > 3.3 && row.recovery! < 3.5)
        #expect(row.bit)
        #expect(row.operations == 2 && row.acknowledged == 1 && row.unknown == 1)
        #expect(verdict[.recovery, "sends"] == (within < 3 ? .violated : .kept))
        if within < 3 {
            #expect(verdict[.recovery].violations.last?.evidence.compactMap(\.line) == [injected, invoked, answered])
        }
    }

    @Test func `I15: what the healing says about the time that the fault may take holds instead`() throws {
        var scene = Scene()
        scene.fault(.begin, traces: [], recovery: Recovery(from: .inject, within: 2))
        scene.fault(.inject)
        let (first, _) = scene.invoke("a")
        scene.pass(5)
        scene.add(.unknown(OutcomeUnknown(op: first, reason: "reset")))
        scene.fault(.heal, recovery: Recovery(from: .heal, within: 2))
        let (second, _) = scene.invoke("a", attempt: 2)
        _ = scene.acknowledge(second, "a", seq: 1)
        scene.store("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        scene.fault(.end)
        #expect(try scene.verdict()[.recovery, "sends"] == .kept)
    }

    @Test func `I15: a conversation that nobody wrote to for a while does not look slow`() throws {
        var scene = Scene()
        scene.fault(.begin, traces: [], recovery: Recovery(from: .inject, within: 2))
        scene.fault(.inject)
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        scene.pass(8)
        _ = scene.invoke("elsewhere", in: "d")
        scene.fault(.end)
        #expect(try scene.verdict()[.recovery, "sends"] == .kept)
    }

    @Test func `I15: nobody was held up, and nobody writes until long after the healing`() throws {
        var scene = Scene()
        scene.fault(.begin, traces: [], recovery: Recovery(from: .heal, within: 2))
        scene.fault(.inject)
        scene.fault(.heal)
        scene.pass(12)
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        scene.fault(.end)
        let verdict = try scene.verdict()
        #expect(verdict[.recovery, "sends"] == .kept)
        #expect(try #require(verdict.rows.first?.recovery) < 1)
    }

    @Test func `I15: a fault after which nothing is acknowledged any more`() throws {
        var scene = Scene()
        scene.fault(.begin, traces: [], recovery: Recovery(from: .heal, within: 10))
        scene.fault(.inject)
        let healed = scene.fault(.heal)
        _ = scene.invoke("a")
        scene.pass(100)
        let end = scene.fault(.end)
        #expect(try scene.verdict()[.recovery].violations.last?.evidence.compactMap(\.line) == [healed, end])
    }

    @Test func `I16: a gauge above its limit, and a refusal that does not say when to come back`() throws {
        var scene = Scene()
        scene.add(.limits(Limits(atMost: ["memory": 100, "queue.*": 10])), by: "suite")
        scene.add(.gauges(Measurement(source: "gateway-1", values: ["memory": 100, "queue.work": 10, "x": 1e9])))
        let (op, invoked) = scene.invoke("a")
        scene.add(.refused(Refused(op: op, status: 503, code: "busy", retryAfter: 1)))
        #expect(try scene.verdict()[.boundedOverload, "bounds"] == .kept)
        #expect(try scene.verdict()[.boundedOverload, "refusals"] == .kept)
        #expect(try scene.verdict()[.boundedOverload].decision == .unknown)

        let high = scene.add(.gauges(Measurement(source: "gateway-1", values: ["queue.work": 11])))
        let (again, second) = scene.invoke("a", attempt: 2)
        let refused = scene.add(.refused(Refused(op: again, status: 429, code: "too-many-requests")))
        #expect(invoked < second)
        #expect(
            try scene.verdict()[.boundedOverload].violations.map { $0.evidence.compactMap(\.line) }
                == [[high], [second, refused]])
    }

    @Test(arguments: [8, 5])
    func `I16: an overloaded stack still carries most of what it can`(carried: Int) throws {
        var scene = Scene()
        var seq: Int64 = 0
        for (factor, count) in [(1.0, 10), (3.0, carried)] {
            scene.add(.load(LoadLevel(factor: factor)), by: "suite")
            let end = scene.time + 4
            for _ in 0..<count {
                seq += 1
                scene.send("m\(seq)", seq: seq)
            }
            scene.pass(end - scene.time)
        }
        scene.add(.load(LoadLevel(factor: 0)), by: "suite")
        #expect(try scene.verdict()[.boundedOverload, "goodput"] == (carried == 8 ? .kept : .violated))
    }

    @Test(arguments: [true, false])
    func `I17: unknown while no clock was wrong, kept or violated with I1 to I10 when one was`(lost: Bool) throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        #expect(try scene.verdict()[.clockIndependence].decision == .unknown)
        scene.fault(.begin, of: "F2+F17", traces: [])
        scene.fault(.inject, of: "F2+F17")
        scene.send("b", seq: 2, stored: !lost)
        if !lost { scene.viewOnBoth("b", seq: 2) }
        scene.fault(.end, of: "F2+F17")
        #expect(try scene.verdict()[.clockIndependence].decision == (lost ? .violated : .kept))
    }

    @Test func `A fault without its trace does not count, however clean the run is`() throws {
        var scene = Scene()
        scene.add(.counters(Measurement(source: "m1", values: ["elections": 5, "redelivered{a}": 7])), by: "suite")
        scene.fault(
            .begin,
            traces: [Trace("elections", counters: ["elections"]), Trace("redeliveries", counters: ["redelivered*"])])
        scene.fault(.inject)
        scene.add(.counters(Measurement(source: "m1", values: ["elections": 5, "redelivered{a}": 8])), by: "suite")
        scene.fault(.end)
        let verdict = try scene.verdict()
        #expect(!verdict.violated)
        #expect(!verdict.passed)
        #expect(verdict.withoutTrace.map(\.fault) == ["F1"])
        #expect(verdict.rows[0].traces.map(\.seen) == [0, 1])
    }

    @Test
    func `Counters that begin anew with their process are added up, and what was counted before the fault is not`()
        throws
    {
        var scene = Scene()
        let count = { (source: String, value: Double) in
            Event.counters(Measurement(source: source, values: ["n": value]))
        }
        scene.add(count("m1", 100))
        scene.fault(.begin, traces: [Trace("n", counters: ["n"])])
        scene.fault(.inject)
        scene.add(count("m1", 103))
        scene.add(count("m1", 2))
        scene.add(count("m2", 50))
        scene.add(count("m2", 51))
        scene.fault(.end)
        scene.add(count("m1", 1000))
        #expect(try scene.verdict().rows[0].traces.map(\.seen) == [3 + 2 + 1])
    }

    @Test func `What clients saw of a fault is counted in its window alone`() throws {
        var scene = Scene()
        scene.add(.resyncReceived, by: "ben.1")
        scene.fault(.begin, traces: Trace.Sight.allCases.map { Trace($0.rawValue, sights: [$0]) })
        scene.fault(.inject)
        scene.add(.resyncReceived, by: "ben.1")
        scene.add(.gapHealed(GapHealed(conversation: "c", from: 1, to: 1)), by: "ben.1")
        scene.add(.tabDisconnected(TabDisconnected(reason: "reset")), by: "ben.1")
        scene.add(.poison(Poison(queue: "q", hash: "77")))
        let (first, _) = scene.invoke("a")
        scene.add(.refused(Refused(op: first, status: 503, code: "busy", retryAfter: 1)))
        let (second, _) = scene.invoke("a", attempt: 2)
        scene.add(.unknown(OutcomeUnknown(op: second, reason: "timeout")))
        let (third, _) = scene.invoke("a", attempt: 3)
        _ = scene.acknowledge(third, "a", seq: 1)
        scene.fault(.end)
        scene.add(.resyncReceived, by: "ben.1")
        let traces = try scene.verdict().rows[0].traces
        #expect(traces.map(\.seen) == traces.map { _ in 1 })
    }

    @Test func `A history that contradicts itself is not judged`() throws {
        var scene = Scene()
        let line = scene.add(.unknown(OutcomeUnknown(op: 99, reason: "timeout")))
        #expect(throws: CheckError.malformed(line: line, reason: "operation 99 was never invoked")) {
            try scene.verdict()
        }
    }

    @Test func `The report names faults, decisions and pieces of history, in 130 columns`() throws {
        var scene = Scene()
        scene.fault(.begin, of: "F4", traces: (1...6).map { Trace("a longer name \($0)", sights: [.unknown]) })
        scene.fault(.inject, of: "F4")
        scene.send("a", seq: 1, stored: false)
        scene.fault(.end, of: "F4")
        let verdict = try scene.verdict()
        let text = TextReport(verdict).description
        let lines = text.split(separator: "\n")
        #expect(lines.filter { !$0.hasPrefix("    ") || !$0.contains("{") }.allSatisfy { $0.count <= 130 })
        #expect(text.contains("\nF4  "))
        #expect(text.contains("I1  FAIL"))
        #expect(text.contains("I17 unknown"))
        #expect(text.contains("\"kind\":\"send.ok\""))
        #expect(text.contains("WITHOUT TRACE: F4"))
        #expect(try verdict.json().count > 100)
    }
}
