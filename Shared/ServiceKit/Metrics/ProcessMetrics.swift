import Foundation
import Glibc

/// What the operating system knows about this process, under the names that Prometheus clients have agreed on.
enum ProcessMetrics {
    static func samples() -> [PrometheusSample] {
        var samples: [PrometheusSample] = []
        let stat = statistics()
        if let stat {
            samples.append(PrometheusSample("process_resident_memory_bytes", .gauge, stat.residentBytes))
            samples.append(PrometheusSample("process_virtual_memory_bytes", .gauge, stat.virtualBytes))
            samples.append(PrometheusSample("process_threads", .gauge, stat.threads))
            samples.append(PrometheusSample("process_start_time_seconds", .gauge, stat.startTime))
        }
        var usage = rusage()
        if unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            let microseconds = Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
            samples.append(PrometheusSample("process_cpu_seconds_total", .counter, seconds + microseconds / 1e6))
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // The listing itself holds one open.
            samples.append(PrometheusSample("process_open_fds", .gauge, Double(max(0, files.count - 1))))
        }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 {
            samples.append(PrometheusSample("process_max_fds", .gauge, Double(limit.rlim_cur)))
        }
        return samples
    }

    private static func statistics() -> (
        residentBytes: Double, virtualBytes: Double, threads: Double, startTime: Double
    )? {
        // The command's name stands in parentheses and may hold anything, so fields are counted from the last one.
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
        guard fields.count > 21 else { return nil }
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return (fields[21] * page, fields[20], fields[17], bootTime + fields[19] / ticks)
    }

    private static let bootTime: Double = {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })
        else { return 0 }
        return Double(line.dropFirst(6)) ?? 0
    }()
}
