import Histogram

/// Latencies in nanoseconds, kept in microseconds with three digits.
struct LatencyRecord: Sendable {
    private var histogram = Histogram<UInt32>(
        highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: .three)

    var count: Int { Int(histogram.totalCount) }

    mutating func record(_ nanoseconds: Int64) {
        _ = histogram.record(UInt64(max(0, min(nanoseconds / 1000, 119_000_000))))
    }

    mutating func reset() { histogram.reset() }

    /// In milliseconds.
    func percentile(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1000 }

    var summary: LatencySummary {
        guard count > 0 else { return LatencySummary() }
        return LatencySummary(
            count: count, p50: percentile(50), p90: percentile(90), p99: percentile(99), p999: percentile(99.9),
            max: Double(histogram.max) / 1000)
    }
}

/// Milliseconds.
struct LatencySummary: Sendable, Codable, Equatable {
    var count = 0
    var p50 = 0.0
    var p90 = 0.0
    var p99 = 0.0
    var p999 = 0.0
    var max = 0.0
}
