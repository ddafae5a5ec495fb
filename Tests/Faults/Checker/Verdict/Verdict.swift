public import Foundation

/// Everything that was decided about a run.
public struct Verdict: Codable, Sendable, Hashable {
    public var findings: [Finding]
    /// A row for each window, then one for what lies between them.
    public var rows: [WindowRow]
    public var totals: Totals

    public struct Totals: Codable, Sendable, Hashable {
        public var seconds: Double
        public var operations: Int
        public var acknowledged: Int
        public var refused: Int
        public var unknown: Int
        /// Messages that somebody tried to send.
        public var messages: Int
        public var messagesAcknowledged: Int
        /// Messages that somebody saw, each time that they did.
        public var sightings: Int
    }

    /// The windows whose fault left no trace.
    public var withoutTrace: [WindowRow] { rows.filter { $0.window != 0 && !$0.bit } }
    public var violated: Bool { findings.contains { $0.decision == .violated } }
    /// No promise was broken, and every fault happened. What could not be decided is neither.
    public var passed: Bool { !violated && withoutTrace.isEmpty }

    /// For scripts.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return try encoder.encode(self)
    }
}
