import ChatContracts

extension HistoryPart {
    /// From the query of an address; what is malformed counts as absent.
    init(_ query: FormFields) {
        if let seq = try? query.integer("before", in: 1...Int64.max) {
            self = .before(seq: seq)
        } else if let seq = try? query.integer("after", in: 0...Int64.max) {
            self = .after(seq: seq)
        } else {
            self = query["at"] == "newest" ? .newest : .opening
        }
    }
}
