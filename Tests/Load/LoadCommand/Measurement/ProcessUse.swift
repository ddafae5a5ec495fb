import Foundation

/// What a process has used so far, from `/proc`, its children included.
struct ProcessUse: Sendable {
    /// Seconds of processor time.
    var cpu = 0.0
    /// Bytes of memory, shared pages divided by the number of those who share them.
    var memory: Int64 = 0

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// The processor time of a process and its descendants, without those that are measured apart and theirs.
    static func cpu(of pid: Int32, apart: Set<Int32> = []) -> Double {
        family(of: pid, apart: apart).reduce(0) { $0 + ownCPU(of: $1) }
    }

    static func memory(of pid: Int32, apart: Set<Int32> = []) -> Int64 {
        family(of: pid, apart: apart).reduce(0) { $0 + ownMemory(of: $1) }
    }

    static func isRunning(_ pid: Int32) -> Bool { FileManager.default.fileExists(atPath: "/proc/\(pid)/stat") }

    /// Fields of `/proc/PID/stat` after the program's name, which may contain anything: the first is the state.
    private static func stat(_ pid: String) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func ownCPU(of pid: Int32) -> Double {
        guard let fields = stat("\(pid)"), fields.count > 12, let user = Double(fields[11]),
            let system = Double(fields[12])
        else { return 0 }
        return (user + system) / ticks
    }

    private static func ownMemory(of pid: Int32) -> Int64 {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8) else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
            let fields = line.split(separator: " ")
            if fields.count > 1, let kibibytes = Int64(fields[1]) { return kibibytes * 1024 }
        }
        return 0
    }

    private static func family(of pid: Int32, apart: Set<Int32>) -> [Int32] {
        var family = [pid]
        var index = 0
        while index < family.count {
            let task = "/proc/\(family[index])/task"
            for thread in (try? FileManager.default.contentsOfDirectory(atPath: task)) ?? [] {
                let text = try? String(contentsOfFile: "\(task)/\(thread)/children", encoding: .utf8)
                family += (text ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
                    .filter { !apart.contains($0) }
            }
            index += 1
        }
        return family
    }
}
