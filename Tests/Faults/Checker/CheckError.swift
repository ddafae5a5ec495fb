/// Why nothing can be decided at all.
public enum CheckError: Error, Hashable, CustomStringConvertible {
    /// The history contradicts itself, so that its writer has a fault, not what it is about.
    case malformed(line: Int, reason: String)

    public var description: String {
        switch self {
        case .malformed(let line, let reason): "line \(line) of the history cannot be true: \(reason)"
        }
    }
}
