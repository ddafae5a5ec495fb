/// One condition without which a service cannot do its work.
public struct ReadinessCheck: Sendable {
    /// A word or two: `broker`, `database`, `subscription`.
    public let name: String
    let reason: @Sendable () async -> String?

    /// - Parameter reason: Nil if all is well, else what is wrong in a few words. A result that takes longer than the
    ///   deadline of ``Readiness`` counts as a failure, and the check is cancelled.
    public init(_ name: String, reason: @escaping @Sendable () async -> String?) {
        self.name = name
        self.reason = reason
    }
}
