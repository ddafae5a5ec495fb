/// Why a file with data about emoji cannot be used.
struct EmojiDataError: Error, Equatable, CustomStringConvertible {
    /// Counted from 1; nil if the file as a whole is meant.
    var line: Int?
    var reason: String

    var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
