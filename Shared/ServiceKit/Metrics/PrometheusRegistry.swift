public final class PrometheusRegistry: Sendable {
    public init() {}
}
