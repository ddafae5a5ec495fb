import Foundation

/// The verdict for people, in lines of at most 130 characters, but for the pieces of history.
public struct TextReport: Sendable, CustomStringConvertible {
    public var verdict: Verdict

    public init(_ verdict: Verdict) { self.verdict = verdict }

    public var description: String { lines.joined(separator: "\n") + "\n" }

    private var lines: [String] { table + [""] + invariants + violations + [""] + conclusion }

    private static let columns: [(title: String, width: Int)] = [
        ("fault", 22), ("operations", 11), ("acked", 9), ("refused", 8), ("unknown", 8), ("lost", 5), ("doubled", 8),
        ("disordered", 11), ("other", 6), ("recovery", 9),
    ]
    private static let width = 130
    private static let tracesAt = 2 + columns.reduce(0) { $0 + $1.width }

    private var table: [String] {
        [row(Self.columns.map(\.title), "trace"), String(repeating: "-", count: Self.width)]
            + verdict.rows.flatMap { cells in
                let numbers = [
                    cells.operations, cells.acknowledged, cells.refused, cells.unknown, cells.lost, cells.doubled,
                    cells.disordered, cells.other,
                ]
                let recovery = cells.recovery.map(Numbers.seconds) ?? "-"
                let first = [cells.fault] + numbers.map(Numbers.grouped) + [recovery]
                return rows(first, traces: traces(of: cells))
            }
    }

    private func traces(of row: WindowRow) -> [String] {
        if row.window == 0 { return [""] }
        if row.traces.isEmpty { return ["NONE DECLARED"] }
        return row.traces.map { trace in
            "\(trace.name) \(Numbers.plain(trace.seen))"
                + (trace.left ? "" : " (NONE OF \(Numbers.plain(trace.atLeast)))")
        }
    }

    /// A row, and more lines below it if there are more traces than fit beside it.
    private func rows(_ cells: [String], traces: [String]) -> [String] {
        var lines: [String] = []
        var current = ""
        for trace in traces {
            let longer = current.isEmpty ? trace : current + ", " + trace
            if !current.isEmpty, Self.tracesAt + longer.count > Self.width {
                lines.append(current + ",")
                current = trace
            } else {
                current = longer
            }
        }
        lines.append(current)
        return lines.enumerated().map { index, traces in
            index == 0 ? row(cells, traces) : row(cells.map { _ in "" }, traces)
        }
    }

    private func row(_ cells: [String], _ traces: String) -> String {
        var line = ""
        for (index, (cell, column)) in zip(cells, Self.columns).enumerated() {
            let space = String(repeating: " ", count: max(0, column.width - cell.count))
            line += index == 0 ? cell + space : space + cell
        }
        line += "  " + traces
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    private var invariants: [String] {
        verdict.findings.map { finding in
            let name = finding.invariant.rawValue.padding(toLength: 4, withPad: " ", startingAt: 0)
            let decision = finding.decision == .violated ? "FAIL" : finding.decision.rawValue
            return name + decision.padding(toLength: 9, withPad: " ", startingAt: 0) + finding.invariant.title
                + " (\(Numbers.grouped(finding.examined)) examined)" + remarks(finding)
        }
    }

    private func remarks(_ finding: Finding) -> String {
        finding.parts.compactMap { part in
            part.remark.map { "\n             \(part.name): \(part.decision == .unknown ? "unknown, " : "")\($0)" }
        }
        .joined()
    }

    private var violations: [String] {
        var lines: [String] = []
        for part in verdict.findings.flatMap(\.parts) {
            for (number, violation) in part.violations.enumerated() {
                let place = "\(part.name), \(number + 1) of \(Numbers.grouped(part.violated))"
                let during = violation.fault.map { ", during \($0)" } ?? ""
                let name = "\(violation.invariant.rawValue) \(violation.promise.rawValue)"
                lines += ["", "\(name) [\(place)\(during)] \(violation.sentence)"]
                for evidence in violation.evidence {
                    let number = evidence.line.map { "\($0): " } ?? ""
                    lines.append("    \(number)\(evidence.text)")
                }
            }
        }
        return lines
    }

    private var conclusion: [String] {
        let totals = verdict.totals
        let operations = "\(Numbers.grouped(totals.operations)) operations in \(Numbers.seconds(totals.seconds))"
        let answers =
            "\(Numbers.grouped(totals.acknowledged)) acknowledged, \(Numbers.grouped(totals.refused)) refused, "
            + "\(Numbers.grouped(totals.unknown)) unknown"
        let messages =
            "\(Numbers.grouped(totals.messagesAcknowledged)) of \(Numbers.grouped(totals.messages)) messages acknowledged"
        let done = "\(operations): \(answers); \(messages)"
        let violated = verdict.findings.filter { $0.decision == .violated }.map(\.invariant.rawValue)
        let result =
            violated.isEmpty ? "no violation" : "VIOLATED: \(violated.joined(separator: ", "))"
        let traceless = verdict.withoutTrace.map(\.fault)
        return [done, result] + (traceless.isEmpty ? [] : ["WITHOUT TRACE: \(traceless.joined(separator: ", "))"])
    }
}
