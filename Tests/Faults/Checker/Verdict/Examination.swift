/// One part of an invariant while it is being decided.
struct Examination: Sendable {
    /// The violations that are kept to be shown; all are counted.
    static let shown = 10

    let name: String
    private(set) var examined = 0
    private(set) var violations: [Suspicion] = []
    /// When and to what each violation happened.
    private(set) var occurrences: [Occurrence] = []
    private(set) var nothingToDecideFrom: String?
    var remark: String?

    /// A violation whose evidence is still line numbers.
    struct Suspicion: Sendable {
        var sentence: String
        var at: Int64
        var lines: [Int32]
        var stored: [String]
    }

    struct Occurrence: Sendable {
        var at: Int64
        /// What it happened to, so that two parts that find the same thing are counted once.
        var subject: String
    }

    init(_ name: String) { self.name = name }

    static func undecided(_ name: String, _ reason: String) -> Examination {
        var examination = Examination(name)
        examination.nothingToDecideFrom = reason
        return examination
    }

    mutating func look(_ count: Int = 1) { examined += count }

    /// Notes a violation.
    ///
    /// - Parameter subject: what it happened to, such as a conversation and a message.
    mutating func accuse(
        _ sentence: @autoclosure () -> String, of subject: String, at moment: Moment, lines: [Moment],
        stored: @autoclosure () -> [String] = []
    ) {
        occurrences.append(Occurrence(at: moment.at, subject: subject))
        guard violations.count < Self.shown else { return }
        var seen: Set<Int32> = []
        violations.append(
            Suspicion(
                sentence: sentence(), at: moment.at,
                lines: lines.map(\.line).filter { $0 > 0 && seen.insert($0).inserted }.sorted(), stored: stored()))
    }

    /// What was decided. A part that had nothing to look at is not kept, it is unknown.
    var decision: Decision {
        if !occurrences.isEmpty { return .violated }
        return examined == 0 ? .unknown : .kept
    }

    var note: String? {
        if decision == .unknown { return nothingToDecideFrom ?? "there was nothing to look at" }
        return remark
    }
}
