/// Why a history cannot be used.
public enum HistoryError: Error, Hashable, CustomStringConvertible {
    /// Records are missing from the file.
    case incomplete
    /// A line of the file is not a record.
    case broken(line: Int, reason: String)

    public var description: String {
        switch self {
        case .incomplete: "the history has a hole: records came faster than they could be written"
        case .broken(let line, let reason): "line \(line) of the history is not a record: \(reason)"
        }
    }
}
