import Foundation

/// Where it was measured.
struct Machine: Sendable, Codable {
    var processor: String
    var cores: Int
    var memoryGiB: Double
    var kernel: String
    var system: String

    static func current() -> Machine {
        func field(_ file: String, _ name: String, _ separator: Character) -> String? {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") where line.hasPrefix(name) {
                return line.split(separator: separator, maxSplits: 1).last.map {
                    $0.trimmingCharacters(in: .whitespaces.union(["\""]))
                }
            }
            return nil
        }
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return Machine(
            processor: field("/proc/cpuinfo", "model name", ":") ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryGiB: Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824,
            kernel: kernel.trimmingCharacters(in: .whitespacesAndNewlines),
            system: field("/etc/os-release", "PRETTY_NAME", "=") ?? "Linux")
    }

    var line: String { "\(processor), \(cores) cores, \(memoryGiB.text(0)) GiB, \(system), Linux \(kernel)" }
}
