/// A duration is a whole number and its unit: `250ms`, `5s`, `10m`, `24h`, `30d`.
extension Duration: SettingValue {
    public static var settingType: String { "duration" }

    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    public init?(settingText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count)
        guard let count = Int64(digits) else { return nil }
        // Zero is the same in every unit; any other number without one is a mistake waiting to happen.
        if suffix.isEmpty && count == 0 {
            self = .zero
            return
        }
        guard let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
        let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
        guard !overflow else { return nil }
        self = .nanoseconds(nanoseconds)
    }

    public var settingText: String {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return "\(seconds)s" }
        let nanoseconds = whole + attoseconds / 1_000_000_000
        guard nanoseconds != 0 else { return "0s" }
        // A week reads better in days than in seconds, but two days are 48 hours to most people.
        for unit in Self.units.reversed() where nanoseconds % unit.nanoseconds == 0 {
            if unit.suffix == "d" && nanoseconds / unit.nanoseconds < 3 { continue }
            return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
        }
        return "\(nanoseconds)ns"
    }

    /// The duration in seconds, for metrics and logs.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
