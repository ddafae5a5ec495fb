import AsyncHTTPClient
import LocalStack
import NIOCore

/// How the messages services worked through their batches, from what their metrics rose by.
struct BatchUse: Sendable, Codable {
    struct Step: Sendable, Codable {
        var name: String
        /// How many batches came through it.
        var batches: Double
        /// What it took on average.
        var milliseconds: Double
    }

    /// Commands of a batch on average.
    var size: Double
    var steps: [Step]

    /// - Parameters:
    ///   - before: metrics as ``read(_:)`` gave them, and `after` some time later
    /// - Returns: nil if no batch ended in between
    init?(from before: [String: Double], to after: [String: Double]) {
        func rise(_ name: String) -> Double { (after[name] ?? 0) - (before[name] ?? 0) }
        let batches = rise("martlet_messages_batch_size_count")
        guard batches > 0 else { return nil }
        size = rise("martlet_messages_batch_size_sum") / batches
        let count = "martlet_messages_step_duration_seconds_count."
        steps = after.keys.filter { $0.hasPrefix(count) }.sorted().compactMap { key in
            let name = String(key.dropFirst(count.count))
            let times = rise(key)
            guard times > 0 else { return nil }
            return Step(
                name: name, batches: times,
                milliseconds: rise("martlet_messages_step_duration_seconds_sum.\(name)") / times * 1000)
        }
    }

    var line: String {
        let times = steps.map { "\($0.name) \($0.milliseconds.text(2)) ms x \($0.batches.text(0))" }
        return "batches of \(size.text(1)): \(times.joined(separator: ", "))"
    }

    /// The metrics of all the services, added up; what does not answer counts nothing.
    static func read(_ addresses: [String]) async -> [String: Double] {
        var all: [String: Double] = [:]
        for address in addresses {
            let request = HTTPClientRequest(url: "\(address)/metrics")
            guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(5)),
                let body = try? await response.body.collect(upTo: 16 << 20)
            else { continue }
            all.merge(PrometheusText.values(String(buffer: body)), uniquingKeysWith: +)
        }
        return all
    }
}
