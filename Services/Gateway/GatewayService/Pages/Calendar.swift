import ChatContracts

/// Times in words, in UTC: the server does not know where the reader is. The script rewrites them in the browser.
extension Timestamp {
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Days since 1970-01-01, rounded down.
    var dayNumber: Int64 { milliseconds >= 0 ? milliseconds / 86_400_000 : (milliseconds + 1) / 86_400_000 - 1 }

    /// "09:05".
    var clockText: String { String(description.dropFirst(11).prefix(5)) }

    private var year: Substring { description.prefix(4) }
    private var dayOfMonth: String { String(Int(description.dropFirst(8).prefix(2)) ?? 0) }
    private var month: String { Self.months[(Int(description.dropFirst(5).prefix(2)) ?? 1) - 1] }

    /// "Monday, 23 November 2026".
    var dayText: String {
        // 1970-01-01 was a Thursday.
        let weekday = Self.weekdays[Int(((dayNumber + 3) % 7 + 7) % 7)]
        return "\(weekday), \(dayOfMonth) \(month) \(year)"
    }

    /// The shortest text that says when it was: "09:05" today, "23 Nov" this year, else "23 Nov 2026".
    func shortText(now: Timestamp) -> String {
        if dayNumber == now.dayNumber { return clockText }
        let day = "\(dayOfMonth) \(month.prefix(3))"
        return year == now.year ? day : "\(day) \(year)"
    }
}
