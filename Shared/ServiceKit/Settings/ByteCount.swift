/// A number of bytes, written as `512`, `64KiB`, `16MiB` or `1GiB`.
public struct ByteCount: SettingValue, Hashable, Comparable {
    public static var settingType: String { "size" }

    public var bytes: Int

    public init(bytes: Int) { self.bytes = bytes }

    public static func kibibytes(_ count: Int) -> Self { Self(bytes: count << 10) }
    public static func mebibytes(_ count: Int) -> Self { Self(bytes: count << 20) }

    private static let units: [(suffix: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    public init?(settingText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count)
        guard let count = Int(digits) else { return nil }
        let unit = suffix.isEmpty ? 1 : Self.units.first { $0.suffix == suffix }?.bytes
        guard let unit else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    public var settingText: String {
        for unit in Self.units where bytes != 0 && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return "\(bytes)B"
    }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}
