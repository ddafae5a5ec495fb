/// Whether the service can really do its work, asked of its checks.
public final class Readiness: Sendable {
    public static let deadline: Duration = .seconds(2)
    public init() {}
    public func add(_ check: ReadinessCheck) { fatalError("not written") }
}
