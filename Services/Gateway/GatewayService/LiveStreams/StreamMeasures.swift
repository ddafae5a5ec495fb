import Metrics

/// What is counted about streams.
struct StreamMeasures: Sendable {
    private let open = Gauge(label: "martlet_gateway_live_streams")
    let delivered = Counter(label: "martlet_gateway_events_delivered")
    let dropped = Counter(label: "martlet_gateway_events_dropped")
    let resyncs = Counter(label: "martlet_gateway_resyncs")
    let stalled = Counter(label: "martlet_gateway_streams_stalled")
    /// Closed because nobody could tell whether their sessions had ended.
    let unvouched = Counter(label: "martlet_gateway_streams_unvouched")

    func setOpen(_ count: Int) { open.record(count) }
}
