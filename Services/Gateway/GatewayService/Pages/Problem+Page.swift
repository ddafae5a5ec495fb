import ChatContracts

extension Problem {
    /// For a page: the words, and for a limit also the moment from which on trying again makes sense.
    func context(_ words: String? = nil, now: Timestamp = .now) -> ProblemContext {
        guard let limit, let retryAfter else { return ProblemContext(text: PageText(words ?? detail)) }
        let at = Timestamp(milliseconds: now.milliseconds + Int64(retryAfter) * 1_000)
        return ProblemContext(
            text: PageText(words ?? limit),
            until: MomentContext(at: at.description, words: at.waitText(now: now), exact: at.exactText))
    }

    /// The same if the problem is about this field, else nil.
    func context(ofField name: String) -> ProblemContext? { field == name ? context() : nil }
}
