import Foundation
import Synchronization

/// The `Date` of answers, formatted once a second.
final class ResponseDate: Sendable {
    private let last = Mutex((second: -Double.infinity, text: ""))

    /// Now, as RFC 9110 writes it.
    var text: String {
        let now = Date.now
        let second = now.timeIntervalSinceReferenceDate.rounded(.down)
        return last.withLock { last in
            if last.second != second { last = (second, Self.style.format(now)) }
            return last.text
        }
    }

    private static let style = Date.VerbatimFormatStyle(
        format: """
            \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
            \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\
            \(second: .twoDigits) GMT
            """,
        locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
}
