import Glibc

/// How many files and connections this process may have open at the same time.
public enum DescriptorLimit {
    /// More would only make programs slow that go through all of them.
    private static let highest: rlim_t = 1_048_576

    /// The limit in force.
    public static var current: Int { Int(clamping: limits.rlim_cur) }

    /// Raises the limit in force as far as the system lets this process. Systems give 1,024 by default for the sake of old
    /// programs, and allow far more.
    ///
    /// - Returns: The limit before.
    @discardableResult
    static func raise() -> Int {
        var limits = limits
        let before = Int(clamping: limits.rlim_cur)
        let wanted = min(limits.rlim_max, highest)
        guard limits.rlim_cur < wanted else { return before }
        limits.rlim_cur = wanted
        // If it is refused, the limit stays, and `current` says so.
        _ = unsafe setrlimit(resource, &limits)
        return before
    }

    private static var limits: rlimit {
        var limits = rlimit()
        _ = unsafe getrlimit(resource, &limits)
        return limits
    }

    private static var resource: __rlimit_resource_t { __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)) }
}
