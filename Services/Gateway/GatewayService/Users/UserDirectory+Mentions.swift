import ChatContracts

extension UserDirectory {
    /// Whom a text may mention: the accounts that it names behind an `@`, and everybody. Who of them is a member is decided by
    /// the messages service. Nil if it names nobody; then nothing is looked up.
    func mentions(in text: String, context: BusContext) async throws(Problem) -> [Mention]? {
        let names = Mention.names(in: text)
        guard !names.isEmpty else { return nil }
        var mentions = names.contains(Mention.everybodyName) ? [Mention.everybody] : []
        for user in try await users(named: names, context: context) {
            mentions.append(Mention(user: user.id, name: user.username))
        }
        return mentions.isEmpty ? nil : mentions
    }
}
