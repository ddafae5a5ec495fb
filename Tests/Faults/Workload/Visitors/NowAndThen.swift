import ChatContracts

/// How often virtual users do something with a conversation that one of their tabs shows.
struct NowAndThen: Sendable {
    let tabs: [Tab]
    /// Of all users together.
    let perSecond: Double
    let isPaused: @Sendable () -> Bool

    /// Does it until the task is cancelled, without waiting for one before the next begins.
    ///
    /// - Parameter body: gets the tab, the conversation, and its newest `seq` there.
    func run(_ body: @escaping @Sendable (Tab, ConversationID, Int64) async -> Void) async {
        guard perSecond > 0 else { return }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Double.random(in: 0...2) / perSecond))
                guard !isPaused(), let tab = tabs.randomElement(),
                    let (conversation, newest) = tab.newest.randomElement()
                else {
                    continue
                }
                group.addTask { await body(tab, conversation, newest) }
            }
        }
    }
}
