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

    /// The heading of a day: "Today", "Yesterday" or the date.
    func dayName(now: Timestamp) -> String {
        switch now.dayNumber - dayNumber {
        case 0: "Today"
        case 1: "Yesterday"
        default: dayText
        }
    }

    /// The shortest text that says when it was: "09:05" today, "23 Nov" this year, else "23 Nov 2026".
    func shortText(now: Timestamp) -> String {
        if dayNumber == now.dayNumber { return clockText }
        let day = "\(dayOfMonth) \(month.prefix(3))"
        return year == now.year ? day : "\(day) \(year)"
    }

    /// "Monday, 23 November 2026, 09:05:07 UTC".
    var exactText: String { "\(dayText), \(description.dropFirst(11).prefix(8)) UTC" }

    /// How long ago it was, in words that hold wherever the reader is: "just now", "5 minutes ago", "3 hours ago",
    /// "yesterday at 14:02 UTC", "23 November at 14:02 UTC", "23 November 2025 at 14:02 UTC".
    func agoText(now: Timestamp) -> String {
        let minutes = (now.milliseconds - milliseconds) / 60_000
        switch minutes {
        case ..<1: return "just now"
        case 1: return "1 minute ago"
        case ..<60: return "\(minutes) minutes ago"
        case ..<120: return "1 hour ago"
        case ..<1_440: return "\(minutes / 60) hours ago"
        default: break
        }
        let day =
            dayNumber == now.dayNumber - 1
            ? "yesterday" : "\(dayOfMonth) \(month)" + (year == now.year ? "" : " \(year)")
        return "\(day) at \(clockText) UTC"
    }

    /// How long a wait it is until then, and until when: "in 40 seconds, at 14:02:31 UTC".
    func waitText(now: Timestamp) -> String {
        let seconds = max(1, (milliseconds - now.milliseconds + 999) / 1_000)
        let wait =
            switch seconds {
            case 1: "1 second"
            case ...90: "\(seconds) seconds"
            default: "\((seconds + 59) / 60) minutes"
            }
        return "in \(wait), at \(description.dropFirst(11).prefix(8)) UTC"
    }
}

extension MomentContext {
    init(_ moment: Timestamp, now: Timestamp) {
        self.init(at: moment.description, words: moment.agoText(now: now), exact: moment.exactText)
    }
}
