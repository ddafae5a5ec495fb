import Metrics

/// Counts what became of commands of one kind.
struct CommandOutcomes: Sendable {
    let stored: Counter
    let limited: Counter
    private let refused: Counter
    private let unavailable: Counter
    private let unknown: Counter

    init(label: String) {
        func counter(_ outcome: String) -> Counter { Counter(label: label, dimensions: [("outcome", outcome)]) }
        stored = counter("stored")
        limited = counter("limited")
        refused = counter("refused")
        unavailable = counter("unavailable")
        unknown = counter("unknown")
    }

    func counter(for problem: Problem) -> Counter {
        switch problem.code {
        case .outcomeUnknown: unknown
        case .tooManyRequests: limited
        case .unavailable, .busy: unavailable
        default: refused
        }
    }
}
