import Metrics
import Testing

@testable import ServiceKit

@Suite("Metrics for Prometheus")
struct PrometheusTests {
    private let registry = PrometheusRegistry()

    private func lines(of name: String) -> [String] {
        registry.exposition().split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(name) || $0.hasPrefix("# TYPE \(name) ")
        }
    }

    @Test func `A counter is a sum with the suffix _total, one series for each set of labels`() {
        let sent = Counter(label: "messages.sent", dimensions: [("shard", "1"), ("kind", "text")], factory: registry)
        sent.increment(by: 2)
        sent.increment()
        Counter(label: "messages.sent", dimensions: [("kind", "text"), ("shard", "1")], factory: registry).increment()
        Counter(label: "messages.sent", factory: registry).increment(by: 7)
        #expect(
            lines(of: "messages_sent_total") == [
                "# TYPE messages_sent_total counter", "messages_sent_total 7",
                #"messages_sent_total{kind="text",shard="1"} 4"#,
            ])
    }

    @Test func `A floating-point counter adds fractions exactly as told`() {
        let counter = FloatingPointCounter(label: "work", factory: registry)
        counter.increment(by: 0.5)
        counter.increment(by: 0.25)
        #expect(lines(of: "work_total").last == "work_total 0.75")
    }

    @Test func `A gauge and a meter show their latest value`() {
        Gauge(label: "queue.depth", factory: registry).record(12)
        let meter = Meter(label: "streams", factory: registry)
        meter.set(10)
        meter.increment(by: 2)
        meter.decrement(by: 4.5)
        #expect(lines(of: "queue_depth") == ["# TYPE queue_depth gauge", "queue_depth 12"])
        #expect(lines(of: "streams").last == "streams 7.5")
    }

    @Test func `A timer is a histogram in seconds whose buckets include those below`() {
        let timer = Timer(label: "db.duration", dimensions: [("op", "find")], factory: registry)
        timer.recordNanoseconds(400_000)
        timer.recordMilliseconds(3)
        timer.recordSeconds(100)
        let lines = lines(of: "db_duration_seconds")
        #expect(lines.first == "# TYPE db_duration_seconds histogram")
        #expect(lines.contains(#"db_duration_seconds_bucket{op="find",le="0.0005"} 1"#))
        #expect(lines.contains(#"db_duration_seconds_bucket{op="find",le="0.0025"} 1"#))
        #expect(lines.contains(#"db_duration_seconds_bucket{op="find",le="0.005"} 2"#))
        #expect(lines.contains(#"db_duration_seconds_bucket{op="find",le="30"} 2"#))
        #expect(lines.contains(#"db_duration_seconds_bucket{op="find",le="+Inf"} 3"#))
        #expect(lines.contains(#"db_duration_seconds_sum{op="find"} 100.0034"#))
        #expect(lines.last == #"db_duration_seconds_count{op="find"} 3"#)
    }

    @Test func `A recorder that aggregates is a histogram of values`() {
        let recorder = Recorder(label: "batch.size", factory: registry)
        for value in [1, 2, 3, 256] { recorder.record(value) }
        let lines = lines(of: "batch_size")
        #expect(lines.contains(#"batch_size_bucket{le="2"} 2"#))
        #expect(lines.contains(#"batch_size_bucket{le="5"} 3"#))
        #expect(lines.contains(#"batch_size_bucket{le="500"} 4"#))
        #expect(lines.contains("batch_size_sum 262"))
    }

    @Test func `Names are made legal and label values are escaped`() {
        let dimensions = [("le", "a\"b"), ("1st", "c\\d"), ("__x", "e\nf"), ("ü", "ü")]
        Counter(label: "9 lives-ok?", dimensions: dimensions, factory: registry).increment()
        #expect(
            lines(of: "_9_lives_ok__total").last
                == #"_9_lives_ok__total{_="ü",_1st="c\\d",exported___x="e\nf",exported_le="a\"b"} 1"#)
    }

    @Test func `Series beyond the bound are refused and counted, and their handles do nothing`() {
        let small = PrometheusRegistry(maximumSeries: 2)
        for number in 0..<5 {
            Counter(label: "c", dimensions: [("n", "\(number)")], factory: small).increment()
        }
        let text = small.exposition()
        #expect(text.contains(#"c_total{n="1"} 1"#))
        #expect(!text.contains(#"n="2""#))
        #expect(text.contains("metrics_refused_total 3"))
    }

    @Test func `One name is of one kind`() {
        Counter(label: "thing_total", factory: registry).increment()
        Gauge(label: "thing_total", factory: registry).record(5)
        #expect(lines(of: "thing_total") == ["# TYPE thing_total counter", "thing_total 1"])
        #expect(registry.exposition().contains("metrics_refused_total 1"))
    }

    @Test func `A destroyed metric disappears and makes room`() {
        let small = PrometheusRegistry(maximumSeries: 1)
        Counter(label: "first", factory: small).destroy()
        Counter(label: "second", factory: small).increment()
        #expect(small.exposition().contains("second_total 1"))
        #expect(!small.exposition().contains("first"))
    }

    @Test func `Nothing is lost when many tasks count`() async {
        let registry = registry
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "n", factory: registry)
                    let timer = Timer(label: "t", factory: registry)
                    let meter = Meter(label: "m", factory: registry)
                    for _ in 0..<1_000 {
                        counter.increment()
                        timer.recordSeconds(1)
                        meter.increment()
                    }
                }
            }
        }
        let text = registry.exposition()
        #expect(text.contains("n_total 8000\n"))
        #expect(text.contains("t_seconds_sum 8000\n"))
        #expect(text.contains("t_seconds_count 8000\n"))
        #expect(text.contains("m 8000\n"))
    }

    @Test func `Every line has the form of the text format`() throws {
        Timer(label: "a.b", dimensions: [("x", "y z")], factory: registry).recordSeconds(1)
        Gauge(label: "nan", factory: registry).record(Double.nan)
        registry.collect(ProcessMetrics.samples)
        let sample = /[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? (NaN|[+-]Inf|[-+0-9.e]+)/
        let type = /# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram)/
        let text = registry.exposition()
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n") {
            #expect(line.wholeMatch(of: sample) != nil || line.wholeMatch(of: type) != nil, "\(line)")
        }
    }

    @Test func `The process tells its memory, processor time, open files and start`() {
        let samples = Dictionary(uniqueKeysWithValues: ProcessMetrics.samples().map { ($0.name, $0.value) })
        #expect((samples["process_resident_memory_bytes"] ?? 0) > 1_048_576)
        #expect((samples["process_cpu_seconds_total"] ?? 0) > 0)
        #expect((samples["process_open_fds"] ?? 0) >= 3)
        #expect((samples["process_max_fds"] ?? 0) >= 64)
        #expect((samples["process_threads"] ?? 0) >= 1)
        #expect((samples["process_start_time_seconds"] ?? 0) > 1_500_000_000)
    }
}
