/// What is counted while messages are sent.
struct TrafficCounters: Sendable {
    /// Since progress was last shown.
    struct Second: Sendable {
        var acknowledged = 0
        var delivered = 0
        var endToEnd = LatencyRecord()
    }

    var acknowledged = 0
    var delivered = 0
    var resyncs = 0
    var refusals: [String: Int] = [:]
    var endToEnd = LatencyRecord()
    var acknowledgement = LatencyRecord()
    var second = Second()
}

/// What came out. Acknowledged and delivered are those of the measured time; the violations are those of all messages.
struct TrafficResult: Sendable, Codable {
    var seconds: Double
    var sent: Int
    var acknowledged: Int
    var delivered: Int
    /// Messages without an answer when the run ended.
    var unanswered: Int
    var endToEnd: LatencySummary
    var acknowledgement: LatencySummary
    var violations: MessageLedger.Violations
    /// Events that came again and that clients ignore, see ``MessageLedger/ignored``.
    var ignored: Int
    /// How often a gateway told a stream that events may have been lost.
    var resyncs: Int
    /// Answers other than success, by status; those messages were sent again with the same id.
    var refusals: [String: Int]

    var acknowledgedPerSecond: Double { Double(acknowledged) / seconds }
    var deliveredPerSecond: Double { Double(delivered) / seconds }

    var violationLine: String {
        "lost \(violations.lost), doubled \(violations.doubled), disordered \(violations.disordered), missing"
            + " \(violations.missing), contradicted \(violations.contradicted), unanswered \(unanswered),"
            + " ignored \(ignored), resyncs \(resyncs)"
    }

    /// Nil if every promise was kept.
    var failure: String? {
        if violations.count > 0 { return "the promises were broken: \(violationLine)" }
        if unanswered > 0 { return "\(unanswered) messages have no answer" }
        return nil
    }
}
