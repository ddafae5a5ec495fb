/// One row of the table: what happened during one fault.
public struct WindowRow: Codable, Sendable, Hashable {
    /// 0 for everything outside of the windows.
    public var window: Int
    public var fault: String
    public var details: [String]
    /// Seconds from its beginning to its end.
    public var seconds: Double
    /// Operations that were invoked in it.
    public var operations: Int
    public var acknowledged: Int
    public var refused: Int
    /// Operations whose outcome nobody knows.
    public var unknown: Int
    public var lost: Int
    public var doubled: Int
    public var disordered: Int
    /// Violations of any other kind.
    public var other: Int
    /// Seconds until sends were acknowledged again; absent if they were not, or nothing was sent.
    public var recovery: Double?
    public var traces: [TraceResult]

    /// Whether the fault left every trace that it has to leave.
    public var bit: Bool { !traces.isEmpty && traces.allSatisfy(\.left) }
}

/// What was counted of one trace.
public struct TraceResult: Codable, Sendable, Hashable {
    public var name: String
    public var seen: Double
    public var atLeast: Double

    public var left: Bool { seen >= atLeast }
}
