import Foundation
import Testing

@testable import MessagesService

/// The promises P1 to P3, under every interleaving that a seed can make of deliveries, redeliveries, two overlapping
/// writers, duplicate keys, unknown outcomes, lost replies and restarts.
@Suite("The planner under simulated faults", .serialized)
struct PlannerSimulationTests {
    /// Multiplies the number of runs: 1 for a quick answer, 100 for a night.
    static let scale = ProcessInfo.processInfo.environment["MARTLET_SIMULATION_SCALE"].flatMap(Double.init) ?? 1

    private static func runs(_ count: Int) -> Int { max(1, Int(Double(count) * scale)) }

    @Test(arguments: 0..<8)
    func `keeps every promise, whatever happens in between`(part: Int) throws {
        var coverage = SimulationCoverage()
        for run in 0..<Self.runs(250) {
            let seed = UInt64(part * 1_000_000 + run)
            var simulation = Simulation(seed: seed, shape: Self.shape(of: seed))
            coverage += try simulation.run()
        }
        #expect(coverage.redeliveries > 0)
        #expect(coverage.duplicates > 0)
        #expect(coverage.conflicts > 0)
        #expect(coverage.unknownOutcomes > 0)
        #expect(coverage.lateEffects > 0)
        #expect(coverage.stalls > 0)
        #expect(coverage.takeovers > 0)
        #expect(coverage.restarts > 0)
        #expect(coverage.lostReplies > 0)
        #expect(coverage.lostEvents > 0)
        #expect(coverage.deadLetters > 0)
        #expect(coverage.counted > 0)
        #expect(coverage.changes > 0)
        #expect(coverage.deletions > 0)
        #expect(coverage.editConflicts > 0)
        #expect(coverage.quotes > 0)
        #expect(coverage.emptyQuotes > 0)
        #expect(coverage.refusedQuotes > 0)
        #expect(coverage.marks > 0)
        #expect(coverage.settings > 0)
        #expect(coverage.settingsConflicts > 0)
        #expect(coverage.requests > coverage.acceptedRequests)
        #expect(coverage.acceptedRequests > 0)
        #expect(coverage.completed > 0)
    }

    @Test(arguments: 0..<4)
    func `keeps every promise in groups, while people come and go`(part: Int) throws {
        var coverage = SimulationCoverage()
        for run in 0..<Self.runs(250) {
            let seed = UInt64(part * 1_000_000 + run)
            var simulation = Simulation(seed: seed, shape: Self.shape(of: seed, groups: 1 + Int(seed % 2)))
            coverage += try simulation.run()
        }
        #expect(coverage.groupChanges > 0)
        #expect(coverage.joins > 0)
        #expect(coverage.groupRefusals > 0)
        #expect(coverage.mentions > 0)
        #expect(coverage.refusedMentions > 0)
        #expect(coverage.hiddenQuotes > 0)
        #expect(coverage.takeovers > 0)
        #expect(coverage.restarts > 0)
        #expect(coverage.lateEffects > 0)
    }

    @Test func `goes the same way each time with the same seed, so that what it finds can be seen again`() throws {
        for seed in 0..<UInt64(Self.runs(20)) {
            let shape = Self.shape(of: seed, groups: Int(seed % 3))
            var steps: Set<Int> = []
            for _ in 0..<2 {
                var simulation = Simulation(seed: seed, shape: shape)
                steps.insert(try simulation.run().steps)
            }
            #expect(steps.count == 1, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<4)
    func `dead-letters commands that can never be executed, and them alone, before their neighbours wear out`(part: Int)
        throws
    {
        var coverage = SimulationCoverage()
        for run in 0..<Self.runs(100) {
            let seed = UInt64(part * 1_000_000 + run)
            var shape = Self.shape(of: seed)
            shape.faults = 0
            shape.poison = 1 + Int(seed % 3)
            var simulation = Simulation(seed: seed, shape: shape)
            coverage += try simulation.run()
        }
        #expect(coverage.deadLetterPoison > 0)
        // The queue would give them up with the twenty-first delivery.
        #expect(coverage.mostReturns > 2 && coverage.mostReturns < 15, "\(coverage.mostReturns)")
    }

    @Test(arguments: 0..<4)
    func `dead-letters nothing else, however often other things fail`(part: Int) throws {
        for run in 0..<Self.runs(100) {
            let seed = UInt64(part * 1_000_000 + run)
            var shape = Self.shape(of: seed)
            shape.poison = 2
            var simulation = Simulation(seed: seed, shape: shape)
            _ = try simulation.run()
        }
    }

    @Test(arguments: SimulatedMistake.allCases)
    func `is caught when the system around it is built wrongly`(mistake: SimulatedMistake) throws {
        var caught: Violation?
        var runs = 0
        while caught == nil, runs < Self.runs(1_000) {
            var shape = Self.shape(of: UInt64(runs))
            shape.mistake = mistake
            // Whoever reads a marked document completes it, which hides that it was overwritten.
            if mistake == .blindUpdates { shape.mostOpen = 0 }
            if mistake == .unfencedMemberships {
                shape.makeOverlapsLikelier()
                shape.makeChangesMeet()
                shape.groups = 1
                shape.invitesPeople = false
            }
            // These two take a coincidence that many short batches of one conversation make likelier.
            if [.blindUpdates, .noUniqueNumber, .unfencedSettings].contains(mistake) { shape.makeOverlapsLikelier() }
            if mistake == .unconditionalReactions || mistake == .unconditionalSettings {
                shape.makeOverlapsLikelier()
                shape.orderedReturns = 0
            }
            // And these, that a message is changed again while a change of it waits halfway in the database.
            if mistake == .unfencedEntries || mistake == .freesNumbers {
                shape.makeOverlapsLikelier()
                shape.makeChangesMeet()
            }
            var simulation = Simulation(seed: UInt64(runs), shape: shape)
            do { _ = try simulation.run() } catch let violation as Violation { caught = violation }
            runs += 1
        }
        #expect(caught != nil, "\(runs) runs did not notice \(mistake)")
    }

    /// Seeds differ in their world as well as in what happens in it.
    static func shape(of seed: UInt64, groups: Int = 0) -> Simulation.Shape {
        var source = SimulationSource(seed: seed ^ 0xfeed)
        var shape = Simulation.Shape()
        shape.groups = groups
        shape.shards = 1 + source.below(2)
        shape.conversations = 1 + source.below(3)
        shape.clientsPerConversation = 1 + source.below(4)
        shape.messagesPerClient = 2 + source.below(6)
        shape.batch = 1 + source.below(8)
        shape.prefetch = 2 + source.below(10)
        shape.remembered = 1 + source.below(4)
        shape.faults = [0, 20, 60, 150][source.below(4)]
        shape.orderedReturns = source.happens(500) ? 1_000 : 500
        var summaries = SimulationSource(seed: seed ^ 0xbeef)
        shape.busyWithin = [0, 30, 300, 100_000][summaries.below(4)]
        shape.catchUpAfter = [1, 50, 500][summaries.below(3)]
        shape.mostBehind = Int64(1 + summaries.below(6))
        shape.mostOpen = [0, 1, 10, 10][summaries.below(4)]
        return shape
    }
}

extension Simulation.Shape {
    fileprivate mutating func makeOverlapsLikelier() {
        faults = 30
        conversations = 1
        clientsPerConversation = 4
        shards = 1
        messagesPerClient = 10
        batch = 2
        remembered = 4
    }

    fileprivate mutating func makeChangesMeet() {
        faults = 20
        calmAfter = 6_000
        stall = 1_000
        stallsHalfway = 300
        changes = 20
        changesOfNewest = 1_000
        messagesPerClient = 5
    }
}
