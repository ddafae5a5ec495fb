import Foundation

/// The standard set on a stack of its own: closed, open and idle, several times, and the limit program beside them.
struct Bench: Sendable {
    var rounds: Int
    /// Measured seconds of each run.
    var seconds: Double
    var idleStreams: Int
    let progress = Progress(label: "bench")

    func run() async throws -> BenchReport {
        let bench = try await BenchStack.start(progress)
        do {
            let report = try await measure(bench)
            await bench.stop()
            return report
        } catch {
            await bench.stop()
            throw error
        }
    }

    private func measure(_ bench: BenchStack) async throws -> BenchReport {
        var report = BenchReport(machine: .current())
        progress.say("signing up \(512 + idleStreams) people")
        let preparation = Preparation(gateway: bench.gateway, width: 32)
        var people = try await preparation.people(512)
        let idlers = try await preparation.signUp(idleStreams)
        for round in 1...rounds {
            // First, on a gateway that has done nothing else: freed memory would hide what streams take.
            try await bench.restartGateway()
            let stack = await bench.processes()
            report.idle.append(
                try await IdleRun(
                    gateway: bench.gateway, stack: stack, people: idlers, duration: .seconds(20),
                    progress: progress("round \(round), idle")
                ).run())
            people = try await preparation.refreshed(people)
            let hundred = People(all: Array(people.all.prefix(100)), pairs: Array(people.pairs.prefix(50)))
            func traffic(_ people: People, _ pace: Traffic.Pace, _ name: String) async throws -> RunReport {
                let run = TrafficRun(
                    gateway: bench.gateway, stack: stack, people: try await preparation.refreshed(people), pace: pace,
                    duration: .seconds(seconds), progress: progress("round \(round), \(name)"))
                let result = try await run.run()
                progress("round \(round), \(name)").say(result.lines.prefix(2).joined(separator: "; "))
                return result
            }
            func limit(_ inFlight: Int, _ conversations: Int, rate: Double = 0, lanes: Int = 2) async throws
                -> LimitReport
            {
                let result = try await LimitRun(
                    stack: stack, inFlight: inFlight, rate: rate, lanes: lanes, conversations: conversations,
                    seconds: min(seconds, 8)
                ).run()
                progress("round \(round), limit program").say(
                    "\(result.perSecond.text(0))/s, p50 \(result.endToEnd.p50.text(2)) p99 \(result.endToEnd.p99.text(2)) ms"
                )
                return result
            }
            report.open20.append(try await traffic(hundred, .open(perSecond: 20), "open 20/s"))
            report.limitOpen20.append(try await limit(10_000, 50, rate: 20))
            report.open500.append(try await traffic(hundred, .open(perSecond: 500), "open 500/s"))
            report.limitOpen500.append(try await limit(10_000, 50, rate: 500))
            report.closed32.append(try await traffic(hundred, .closed(senders: 32), "closed 32"))
            report.limit32.append(try await limit(32, 50))
            let bus = round == rounds ? try await BusBytes.read(bench) : nil
            report.closed256.append(try await traffic(people, .closed(senders: 256), "closed 256"))
            if let bus, let sent = report.closed256.last?.traffic.sent {
                let after = try await BusBytes.read(bench)
                report.busBytesIn = Double(after.received - bus.received) / Double(sent)
                report.busBytesOut = Double(after.sent - bus.sent) / Double(sent)
            }
            report.limit256.append(try await limit(256, 256, lanes: 4))
        }
        report.storage = try await bench.processes().withStorage { try await $0.size() }
        return report
    }

    private func progress(_ name: String) -> Progress { Progress(label: name, isQuiet: false) }
}
