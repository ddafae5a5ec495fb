extension TrafficRun {
    /// Sends so many messages and looks at the memory of the messages services every few seconds.
    func soak(messages: Int) async throws -> LongReport.Soak {
        try await withTraffic { traffic in
            var samples: [LongReport.Soak.Sample] = []
            let begin = now()
            await traffic.measure(from: begin, to: .max)
            await traffic.start()
            let before = stack.cpu()
            while true {
                try await progress.watch(traffic, until: now() + 5_000_000_000)
                let acknowledged = await traffic.acknowledged
                let memory = stack.memory().filter { $0.key.hasPrefix("messages") }.values.reduce(0, +)
                samples.append(.init(acknowledged: acknowledged, bytes: memory))
                progress.say("\(acknowledged) messages, messages service \(memory / 1024) KiB")
                if acknowledged >= messages { break }
            }
            let end = now()
            let used = stack.cpu().merging(before) { max(0, $0 - $1) }
            await traffic.measure(from: begin, to: end)
            await traffic.stop()
            try await traffic.drain(within: .seconds(10))
            let report = RunReport(
                traffic: await traffic.result(), cpuSeconds: used, cpuWindow: Double(end - begin) / 1e9,
                memoryBytes: stack.memory())
            return LongReport.Soak(run: report, samples: samples)
        }
    }
}
