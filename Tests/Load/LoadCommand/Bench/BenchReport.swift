import Foundation

/// Everything that `bench` and `bench-long` measured.
struct BenchReport: Sendable, Codable {
    var machine: Machine
    var date: String
    var closed32: [RunReport] = []
    var closed256: [RunReport] = []
    var open20: [RunReport] = []
    var open500: [RunReport] = []
    var idle: [IdleReport] = []
    var limit32: [LimitReport] = []
    var limit256: [LimitReport] = []
    var limitOpen20: [LimitReport] = []
    var limitOpen500: [LimitReport] = []
    /// Bytes to and from the broker for each message.
    var busBytesIn: Double?
    var busBytesOut: Double?
    var storage: MessageStorage.Size?
    var groups: [GroupReport]?
    var long: LongReport?

    init(machine: Machine) {
        self.machine = machine
        date = Date.now.formatted(.iso8601)
    }

    var failures: [String] {
        (closed32 + closed256 + open20 + open500).compactMap(\.failure) + idle.compactMap(\.failure)
            + (groups ?? []).compactMap(\.run.failure) + (long?.failures ?? [])
    }
}

/// What takes longer.
struct LongReport: Sendable, Codable {
    /// Messages in the database, and the runs with so many.
    struct Growth: Sendable, Codable {
        var messages: Int
        /// Whether those before were written into the database directly.
        var isFilledDirectly: Bool
        var runs: [RunReport]
        /// After the runs.
        var storage: MessageStorage.Size?

        var lines: [String] {
            ["from \(messages) messages on, \(isFilledDirectly ? "written into the database directly" : "sent")"]
                + runs.map {
                    "\($0.traffic.acknowledgedPerSecond.text(0))/s, servers \($0.serverCPUPer1000.text(3)) s for 1,000"
                        + " messages, acknowledged p50 \($0.traffic.acknowledgement.p50.text(2)) ms"
                } + [storage?.line].compactMap(\.self)
        }
    }

    /// The memory of the messages service while a million messages go through the front door.
    struct Soak: Sendable, Codable {
        struct Sample: Sendable, Codable {
            var acknowledged: Int
            var bytes: Int64
        }

        var run: RunReport
        var samples: [Sample]

        /// Bytes after a tenth of the messages, and at the end.
        var early: Int64? { samples.first { $0.acknowledged >= (samples.last?.acknowledged ?? 0) / 10 }?.bytes }
        var late: Int64? { samples.last?.bytes }
    }

    var idle: IdleReport?
    var storms: [StormReport] = []
    var history: [ReadsReport] = []
    var list: [ReadsReport] = []
    var growth: [Growth] = []
    var soak: Soak?
    /// What could not be done, and why.
    var remarks: [String] = []

    var failures: [String] {
        [idle?.failure, soak?.run.failure].compactMap(\.self) + storms.compactMap(\.failure)
            + growth.flatMap { $0.runs.compactMap(\.failure) }
    }
}
