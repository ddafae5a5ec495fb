public import Metrics
import Synchronization

/// The metrics of a process, as a factory for swift-metrics and as text for Prometheus.
///
/// Counters get the suffix `_total` and timers `_seconds`. Timers and aggregating recorders become histograms with fixed
/// buckets. The number of series is bounded: what goes beyond it, or uses a name for another kind of metric, is counted in
/// `metrics_refused_total` and not recorded.
public final class PrometheusRegistry: MetricsFactory {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private struct Family {
        let kind: Kind
        var series: [PrometheusLabels: any PrometheusSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var seriesCount = 0
        var collectors: [@Sendable () -> [PrometheusSample]] = []
    }

    private let state = Mutex(State())
    private let refused = Atomic<Int>(0)
    private let maximumSeries: Int

    public init(maximumSeries: Int = 4_096) {
        self.maximumSeries = maximumSeries
    }

    /// Adds values that are read at each scrape. `collect` must be quick and must not block.
    public func collect(_ collect: @escaping @Sendable () -> [PrometheusSample]) {
        state.withLock { $0.collectors.append(collect) }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, Self.counterName(label), dimensions, CounterSeries.init) ?? NOOPMetricsHandler.instance
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, Self.counterName(label), dimensions, CounterSeries.init) ?? NOOPMetricsHandler.instance
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, PrometheusName.metric(label), dimensions, GaugeSeries.init) ?? NOOPMetricsHandler.instance
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let name = PrometheusName.metric(label)
        guard aggregate else {
            return series(.gauge, name, dimensions, GaugeSeries.init) ?? NOOPMetricsHandler.instance
        }
        return series(.histogram, name, dimensions) { HistogramSeries(bounds: HistogramSeries.valueBounds) }
            ?? NOOPMetricsHandler.instance
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = PrometheusName.metric(label)
        return series(.histogram, name.hasSuffix("_seconds") ? name : name + "_seconds", dimensions) {
            HistogramSeries(bounds: HistogramSeries.secondsBounds)
        } ?? NOOPMetricsHandler.instance
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// Every metric in the text format, version 0.0.4.
    public func exposition() -> String {
        let (families, collectors) = state.withLock { ($0.families, $0.collectors) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key.text() < $1.key.text() }) {
                series.append(to: &text, name: name, labels: labels)
            }
        }
        var samples = collectors.flatMap { $0() }
        samples.append(
            PrometheusSample("metrics_refused_total", .counter, Double(refused.load(ordering: .relaxed))))
        for sample in samples where families[sample.name] == nil {
            text += "# TYPE \(sample.name) \(sample.kind.rawValue)\n"
            text += "\(sample.name) \(prometheusNumber(sample.value))\n"
        }
        return text
    }

    private static func counterName(_ label: String) -> String {
        let name = PrometheusName.metric(label)
        return name.hasSuffix("_total") ? name : name + "_total"
    }

    private func series<Series: PrometheusSeries>(
        _ kind: Kind, _ name: String, _ dimensions: [(String, String)], _ make: () -> Series
    ) -> Series? {
        let labels = PrometheusLabels(dimensions)
        let series: Series? = state.withLock { state in
            if let family = state.families[name] {
                guard family.kind == kind else { return nil }
                if let known = family.series[labels] { return known as? Series }
            }
            guard state.seriesCount < maximumSeries else { return nil }
            let series = make()
            state.families[name, default: Family(kind: kind)].series[labels] = series
            state.seriesCount += 1
            return series
        }
        if series == nil { refused.add(1, ordering: .relaxed) }
        return series
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value === handler })?.key else { continue }
                state.families[name]?.series[labels] = nil
                if family.series.count == 1 { state.families[name] = nil }
                state.seriesCount -= 1
                return
            }
        }
    }
}

/// One value that is read at a scrape.
public struct PrometheusSample: Sendable {
    public enum Kind: String, Sendable {
        case counter, gauge
    }

    public let name: String
    public let kind: Kind
    public let value: Double

    public init(_ name: String, _ kind: Kind, _ value: Double) {
        self.name = PrometheusName.metric(name)
        self.kind = kind
        self.value = value
    }
}
