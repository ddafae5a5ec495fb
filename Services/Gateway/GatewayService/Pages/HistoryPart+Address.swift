import ChatContracts

extension HistoryPart {
    /// From the query of an address; what is malformed counts as absent.
    ///
    /// - Parameter composer: what the page's form is for; the message that it is about is shown.
    init(_ query: FormFields, composer: ComposerState = .writing) {
        if let seq = composer.seq {
            self = .around(seq: seq)
        } else if let seq = try? query.integer("before", in: 1...Int64.max) {
            self = .before(seq: seq)
        } else if let seq = try? query.integer("after", in: 0...Int64.max) {
            self = .after(seq: seq)
        } else if let seq = try? query.integer("at", in: 1...Int64.max) {
            self = .around(seq: seq)
        } else {
            self = query["at"] == "newest" ? .newest : .opening
        }
    }
}
