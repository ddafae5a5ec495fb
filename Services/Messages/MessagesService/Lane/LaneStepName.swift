/// The steps of a batch as logs and metrics call them.
enum LaneStepName: String, Sendable, CaseIterable {
    case load
    case open
    case write
    case update
    case publish
    case deadLetter = "dead-letter"
    case deadLetterPoison = "dead-letter-poison"
}

extension LaneStep {
    var name: LaneStepName {
        switch self {
        case .load: .load
        case .open: .open
        case .write: .write
        case .update: .update
        case .publish: .publish
        case .deadLetter: .deadLetter
        case .deadLetterPoison: .deadLetterPoison
        }
    }
}
