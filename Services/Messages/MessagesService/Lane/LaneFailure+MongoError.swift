import MongoStore

extension LaneFailure {
    /// Lasting are only failures that are certain to be about the documents. A server that refuses for want of space or
    /// of a privilege refuses every command, and none of them is to blame.
    init(_ error: any Error) {
        guard let error = error as? MongoError else {
            self = .passing
            return
        }
        let isLasting =
            switch error.code {
            case .invalidDocument: true
            case .refused: error.serverCode.map(Self.documentCodes.contains) ?? false
            default: false
            }
        self = isLasting ? .lasting(error.description) : .passing
    }

    private static let documentCodes: Set<Int> = [
        2,  // BadValue
        9,  // FailedToParse
        14,  // TypeMismatch
        22,  // InvalidBSON
        28,  // PathNotViable
        121,  // DocumentValidationFailure
        10334,  // BSONObjectTooLarge
    ]
}
