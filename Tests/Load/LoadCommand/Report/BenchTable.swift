import Foundation
import LocalStack

extension BenchReport {
    /// Where `make bench` keeps what it measured.
    static var standardFile: URL? { Programs.checkout?.appending(path: ".martlet/bench.json") }
}

/// What was measured, beside the targets and the limit program, as Markdown.
struct BenchTable: Sendable {
    private let report: BenchReport

    init(_ report: BenchReport) { self.report = report }

    private struct Row {
        var name: String
        var target: String
        var measured: String
        /// What the limit program measured, and how far Martlet is from it.
        var limit = ""
        var ratio = ""
    }

    var text: String {
        var lines = [
            "Measured on \(report.date.prefix(10)): \(report.machine.line); everything on this machine, the load tool"
                + " included. Medians, with the lowest and the highest.", "",
            "| | target | measured | limit program | ratio |", "|---|---|---|---|---|",
        ]
        lines += (standard + long).map { "| \($0.name) | \($0.target) | \($0.measured) | \($0.limit) | \($0.ratio) |" }
        if let groups = report.groups, !groups.isEmpty {
            lines += ["", "Groups on two gateways, every member with a live stream, eight who write:", ""]
            lines.append(GroupReport.table(groups))
        }
        lines += remarks
        return lines.joined(separator: "\n")
    }

    private var standard: [Row] {
        var rows = [
            throughput("closed, 32 senders: acknowledged/s", "4,000", report.closed32, report.limit32),
            throughput("closed, 256 senders: acknowledged/s", "10,000", report.closed256, report.limit256),
            latency("open, 500/s: end to end p50 / p99", "2.5 / 8 ms", report.open500, report.limitOpen500),
            latency("open, 20/s: end to end p50 / p99", "3 / 6 ms", report.open20, report.limitOpen20),
            cpu("CPU of all servers for 1,000 messages, 256 senders", "0.18 s", report.closed256, report.limit256),
        ]
        if !report.idle.isEmpty {
            rows.append(
                Row(
                    name: "idle stream (\(report.idle[0].streams)): gateway memory", target: "10 KiB",
                    measured: Spread(report.idle.map { $0.gatewayBytesPerStream / 1024 }).text(1) + " KiB"
                ))
        }
        return rows.filter { !$0.measured.isEmpty }
    }

    private func throughput(_ name: String, _ target: String, _ runs: [RunReport], _ limits: [LimitReport]) -> Row {
        guard !runs.isEmpty else { return Row(name: name, target: target, measured: "") }
        let measured = Spread(runs.map(\.traffic.acknowledgedPerSecond))
        let limit = Spread(limits.map(\.perSecond))
        return Row(
            name: name, target: target, measured: measured.grouped,
            limit: limits.isEmpty ? "" : limit.grouped,
            ratio: limits.isEmpty ? "" : "\((measured.median / limit.median * 100).text(0)) %")
    }

    private func latency(_ name: String, _ target: String, _ runs: [RunReport], _ limits: [LimitReport]) -> Row {
        guard !runs.isEmpty else { return Row(name: name, target: target, measured: "") }
        let half = Spread(runs.map(\.traffic.endToEnd.p50))
        let most = Spread(runs.map(\.traffic.endToEnd.p99))
        var row = Row(name: name, target: target, measured: "\(half.text(2)) / \(most.text(2)) ms")
        if !limits.isEmpty {
            let halfLimit = Spread(limits.map(\.endToEnd.p50))
            let mostLimit = Spread(limits.map(\.endToEnd.p99))
            row.limit = "\(halfLimit.median.text(2)) / \(mostLimit.median.text(2)) ms"
            row.ratio =
                "\((half.median / halfLimit.median).text(1)) / \((most.median / mostLimit.median).text(1)) times"
        }
        return row
    }

    private func cpu(_ name: String, _ target: String, _ runs: [RunReport], _ limits: [LimitReport]) -> Row {
        guard !runs.isEmpty else { return Row(name: name, target: target, measured: "") }
        let measured = Spread(runs.map(\.serverCPUPer1000))
        let limit = Spread(limits.map { $0.cpuPer1000.values.reduce(0, +) })
        return Row(
            name: name, target: target, measured: "\(measured.text(3)) s",
            limit: limits.isEmpty ? "" : "\(limit.text(3)) s",
            ratio: limits.isEmpty ? "" : "\((measured.median / limit.median).text(1)) times")
    }

    private var long: [Row] {
        guard let long = report.long else { return [] }
        var rows: [Row] = []
        if let idle = long.idle {
            rows.append(
                Row(
                    name: "\(idle.streams) idle streams", target: "steady, under 2 % of one core",
                    measured: "\(idle.live) live, gateway \(idle.gatewayCPU.text(2)) % of one core,"
                        + " \((idle.gatewayBytesPerStream / 1024).text(1)) KiB each"))
        }
        if !long.storms.isEmpty {
            rows.append(
                Row(
                    name: "\(long.storms[0].storm.streams) streams cut at once: all live and in sync again",
                    target: "under 10 s; sends meanwhile p99 under 250 ms",
                    measured: "\(Spread(long.storms.map(\.storm.allBack)).text(2)) s; p99"
                        + " \(Spread(long.storms.map(\.traffic.acknowledgement.p99)).text(1)) ms"))
        }
        if !long.history.isEmpty {
            rows.append(
                Row(
                    name: "history page of 50 of 1,000,000 messages, at \(long.history[0].rate.text(0))/s: p99",
                    target: "10 ms", measured: "\(Spread(long.history.map(\.latency.p99)).text(2)) ms"))
        }
        if !long.list.isEmpty {
            rows.append(
                Row(
                    name:
                        "conversation list of a user with 1,000 conversations, at \(long.list[0].rate.text(0))/s: p99",
                    target: "15 ms", measured: "\(Spread(long.list.map(\.latency.p99)).text(2)) ms"))
        }
        if let soak = long.soak, let early = soak.early, let late = soak.late, let last = soak.samples.last {
            rows.append(
                Row(
                    name: "messages service: memory after \(last.acknowledged) messages", target: "flat",
                    measured: "\((Double(early) / 1_048_576).text(1)) MiB after a tenth of them,"
                        + " \((Double(late) / 1_048_576).text(1)) MiB at the end"))
        }
        for step in long.growth {
            rows.append(
                Row(
                    name: "CPU of all servers for 1,000 messages with \(step.messages) stored",
                    target: "flat within 20 %",
                    measured: "\(Spread(step.runs.map(\.serverCPUPer1000)).text(3)) s"))
        }
        return rows
    }

    private var remarks: [String] {
        var lines: [String] = []
        if !report.closed256.isEmpty {
            let names = Set(report.closed256.flatMap { $0.cpuSeconds.keys }).sorted()
            let parts = names.map { name in
                "\(name) \(Spread(report.closed256.map { $0.cpuPer1000(name) }).median.text(4)) s"
            }
            lines += ["", "CPU for 1,000 messages with 256 senders: \(parts.joined(separator: ", "))."]
            let memory = names.map { name in
                "\(name) \((Spread(report.closed256.map { Double($0.memoryBytes[name] ?? 0) }).median / 1_048_576).text(0)) MiB"
            }
            lines += ["", "Memory (PSS) at the end of that: \(memory.joined(separator: ", "))."]
        }
        if let into = report.busBytesIn, let out = report.busBytesOut {
            lines += ["", "Bytes on the bus for each message: \(into.text(0)) to the broker, \(out.text(0)) from it."]
        }
        if let storage = report.storage {
            lines += [
                "",
                "Bytes in the database for each message: \(storage.document.text(0)) as a document, on disk"
                    + " \(storage.storage.text(0)) and \(storage.indexes.text(0)) in indexes.",
            ]
        }
        if let long = report.long, long.growth.contains(where: \.isFilledDirectly) {
            lines += [
                "", "For growth, history and lists the database was filled directly, in the form of the data model.",
            ]
        }
        for remark in report.long?.remarks ?? [] { lines += ["", "\(remark)."] }
        return lines
    }
}

/// A median with the lowest and the highest.
struct Spread: Sendable {
    var median = 0.0
    var lowest = 0.0
    var highest = 0.0
    private var count = 0

    init(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return }
        count = sorted.count
        lowest = first
        highest = last
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    func text(_ decimals: Int) -> String {
        count < 2
            ? "**\(median.text(decimals))**"
            : "**\(median.text(decimals))** (\(lowest.text(decimals))–\(highest.text(decimals)))"
    }

    /// Whole numbers with commas.
    var grouped: String {
        count < 2
            ? "**\(median.grouped)**" : "**\(median.grouped)** (\(lowest.grouped)–\(highest.grouped))"
    }
}

extension Double {
    /// As a whole number with commas.
    fileprivate var grouped: String {
        var digits = Array(self.text(0))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }
}
