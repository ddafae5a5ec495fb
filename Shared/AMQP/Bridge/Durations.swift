internal import Glibc

extension Duration {
    /// Rounded down.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000_000_000
    }

    /// Rounded up, so that a wait never ends just before its time; at most an hour.
    var pollMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        return Int32(min(wholeMilliseconds &+ 1, 3_600_000))
    }

    var timeValue: timeval {
        let milliseconds = max(0, wholeMilliseconds)
        return timeval(tv_sec: Int(milliseconds / 1000), tv_usec: Int(milliseconds % 1000) * 1000)
    }
}
