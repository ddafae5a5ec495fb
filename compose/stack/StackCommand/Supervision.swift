import LocalStack

/// Something that is to run until it is told not to.
struct SupervisedPart: Sendable {
    var name: String
    /// Starts it and returns when it works.
    var start: @Sendable () async throws -> Void
    /// Returns when it has ended; nil if the task was cancelled or it did not run.
    var waitForEnd: @Sendable () async -> ChildProcess.Ending?
}

extension SupervisedPart {
    init(_ node: BrokerNode) {
        self.init(name: "RabbitMQ", start: { try await node.start() }, waitForEnd: { await node.waitForEnd() })
    }

    init(_ node: DatabaseNode) {
        self.init(name: "MongoDB", start: { try await node.start() }, waitForEnd: { await node.waitForEnd() })
    }

    init(_ service: ServiceProcess) {
        self.init(
            name: service.name,
            start: {
                try await service.start()
                try await service.waitUntilReady()
            }, waitForEnd: { await service.waitForEnd() })
    }

    /// Starts the part again whenever it ends, after a pause that doubles with each end that follows soon on the last,
    /// until the task is cancelled.
    func supervise(report: @Sendable (String) -> Void, afterStart: @Sendable () async -> Void) async {
        var pauses = BackOff()
        var lastStart = ContinuousClock.now
        while !Task.isCancelled {
            let ending = await waitForEnd()
            if Task.isCancelled { return }
            if ContinuousClock.now - lastStart > .seconds(30) { pauses = BackOff() }
            let pause = pauses.next()
            let how = ending.map { " ended with \($0)" } ?? " does not run"
            report("\(name)\(how); starting it again in \(pause.inSeconds)")
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            lastStart = .now
            do {
                try await start()
                report("\(name) runs again")
            } catch {
                if Task.isCancelled { return }
                report("\(name) could not be started: \(error)")
            }
            await afterStart()
        }
    }
}

/// Pauses of 0.2 s, 0.4 s and so on up to 10 s.
struct BackOff {
    private var failures = 0

    mutating func next() -> Duration {
        defer { failures += 1 }
        return min(.milliseconds(200 << min(failures, 10)), .seconds(10))
    }
}

extension Duration {
    /// Seconds with one decimal.
    var inSeconds: String {
        let tenths = (components.seconds * 10) + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
