import Foundation

/// Lines for people on the error output, one each second.
struct Progress: Sendable {
    var label: String
    var isQuiet = false

    func say(_ line: String) { FileHandle.standardError.write(Data("\(label): \(line)\n".utf8)) }

    /// Shows what the traffic does until the moment.
    func watch(_ traffic: Traffic, until end: Int64) async throws {
        while now() < end {
            let rest = end - now()
            try await Task.sleep(for: .nanoseconds(min(rest, 1_000_000_000)))
            let second = try await traffic.takeSecond()
            guard !isQuiet, rest > 900_000_000 else { continue }
            say(
                "acknowledged \(second.acknowledged)/s, delivered \(second.delivered)/s, end to end"
                    + " p50 \(second.endToEnd.percentile(50).text(2)) p99 \(second.endToEnd.percentile(99).text(2)) ms")
        }
    }
}

extension Double {
    /// With so many decimals.
    func text(_ decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}
