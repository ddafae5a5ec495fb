import FaultHistory
import Testing

@testable import FaultInjection

@Suite("The order of the faults")
struct ScheduleTests {
    private func names(seed: UInt64, minutes: Int, composes: Bool = true) -> [String] {
        var schedule = Schedule(seed: seed, faults: FaultCatalogue.all, composes: composes)
        var names: [String] = []
        var left = minutes * 60
        while let round = schedule.next(secondsLeft: left) {
            names.append(round.name)
            left -= round.usualSeconds
        }
        return names
    }

    @Test func `A seed decides the whole of it`() {
        #expect(names(seed: 7, minutes: 60) == names(seed: 7, minutes: 60))
        #expect(names(seed: 7, minutes: 60) != names(seed: 8, minutes: 60))
    }

    @Test func `Every kind of fault has its turn before another way of one does`() {
        let first = names(seed: 3, minutes: 600).prefix(FaultCatalogue.ids.count)
        let kinds = Set(first.map { String($0.prefix { $0 != "/" }) })
        #expect(kinds == Set(FaultCatalogue.ids))
    }

    @Test func `Half an hour is enough for every kind of fault, and for several at a time`() {
        for seed in UInt64(1)...20 {
            let rounds = names(seed: seed, minutes: 30)
            let kinds = rounds.filter { !$0.contains("+") }.map { String($0.prefix { $0 != "/" }) }
            #expect(Set(kinds) == Set(FaultCatalogue.ids))
            #expect(rounds.count { $0.contains("+") } >= 3)
        }
    }

    @Test
    func `When every kind was there, several come at a time after each two, which do not share what they take hold of`()
        throws
    {
        var schedule = Schedule(seed: 5, faults: FaultCatalogue.all, composes: true)
        var rounds: [Schedule.Round] = []
        for _ in 0..<150 {
            let next = schedule.next(secondsLeft: 100_000)
            rounds.append(try #require(next))
        }
        let kinds = FaultCatalogue.ids.count
        #expect(rounds.prefix(kinds).allSatisfy { $0.faults.count == 1 })
        let singles = rounds.filter { $0.faults.count == 1 }
        #expect(Set(singles.map(\.name)) == Set(FaultCatalogue.all.map(\.name)))
        #expect(singles.count == FaultCatalogue.all.count)
        let others = FaultCatalogue.all.count - kinds
        #expect(rounds[kinds..<kinds + others].count { $0.faults.count > 1 } >= others / 3 - 1)
        for round in rounds where round.faults.count > 1 {
            #expect((2...4).contains(round.faults.count))
            #expect(round.faults.allSatisfy { $0.isComposable })
            let touched = round.faults.flatMap { Array($0.touches) }
            #expect(Set(touched).count == touched.count)
        }
    }

    private func round(_ names: [String]) throws -> Schedule.Round {
        let faults = try names.map { name in try #require(FaultCatalogue.all.first { $0.name == name }) }
        return Schedule.Round(faults: faults, seed: 1)
    }

    @Test
    func
        `Of faults that come together every trace is asked for, but only their injection if one of them stops all work`()
        throws
    {
        func traces(_ names: String...) throws -> [String] { try round(names).traces.map(\.name) }
        #expect(
            try traces("F12/confirm", "F19") == [
                "answers cut off", "redeliveries", "repeated messages", "duplicates answered",
            ])
        #expect(try traces("F12/confirm", "F13/alarm", "F7/broker") == ["full disks", "alarms", "pauses"])
        #expect(try traces("F13/alarm") == ["full disks", "alarms", "troubled requests"])
        #expect(try traces("F22/commands", "F19") == ["deletions"])
    }

    @Test func `Of faults that come together a single sign of each is enough, but all of each has to be injected`()
        throws
    {
        func least(_ names: String...) throws -> [String: Double] {
            Dictionary(uniqueKeysWithValues: try round(names).traces.map { ($0.name, $0.atLeast) })
        }
        #expect(try least("F19") == ["repeated messages": 20, "duplicates answered": 20])
        #expect(
            try least("F19", "F1") == [
                "repeated messages": 1, "duplicates answered": 1, "kills": 2, "redeliveries": 1,
            ])
    }

    @Test func `What does not fit into the time that is left is not begun, and is named`() {
        var schedule = Schedule(seed: 1, faults: FaultCatalogue.all, composes: true)
        #expect(schedule.next(secondsLeft: 5) == nil)
        #expect(schedule.remaining.count == FaultCatalogue.all.count)
        let round = schedule.next(secondsLeft: 40)
        #expect((round?.usualSeconds ?? 100) <= 40)
    }

    @Test func `The list of faults is whole, and each says what it has to leave behind`() {
        #expect(FaultCatalogue.ids == (1...28).map { "F\($0)" })
        #expect(Set(FaultCatalogue.all.map(\.name)).count == FaultCatalogue.all.count)
        #expect(FaultCatalogue.all.allSatisfy { !$0.traces.isEmpty && !$0.summary.isEmpty && !$0.touches.isEmpty })
        #expect(FaultCatalogue.faults(named: "f8")?.count == 5)
        #expect(FaultCatalogue.faults(named: "F8/ring")?.count == 1)
        #expect(FaultCatalogue.faults(named: "F99") == nil)
    }
}
