import ChatContracts
import FaultHistory

/// Extra senders.
public struct Flood: Sendable {
    /// Each has one send in flight at a time.
    public var senders: Int
    /// How many sends start in a second, as far as there are senders without one in flight; nil for as many as are
    /// answered.
    public var sendsPerSecond: Double?

    public init(senders: Int, sendsPerSecond: Double? = nil) {
        self.senders = senders
        self.sendsPerSecond = sendsPerSecond
    }
}

/// Sends more than there is room for. What is refused is given up, so that the offered load stays what it is.
struct FloodSenders: Sendable {
    let context: RunContext
    let flood: Flood
    /// Every conversation with the browsers of its members.
    let rooms: [(conversation: ConversationID, members: [Browser])]
    /// Tells this flood from others of the run.
    let number: Int

    func run() async {
        await withDiscardingTaskGroup { group in
            for sender in 0..<flood.senders {
                let room = rooms[sender % rooms.count]
                let member = room.members[sender / rooms.count % room.members.count]
                group.addTask { await send(as: sender, to: room.conversation, member) }
            }
        }
    }

    private func send(as sender: Int, to conversation: ConversationID, _ member: Browser) async {
        var lines = LineGenerator(context.configuration, conversations: 1, part: "flood \(number) \(sender)")
        let process = "\(member.account.username).\(number * 10_000 + sender + 100)"
        let rhythm = flood.sendsPerSecond.map { Duration.seconds(Double(flood.senders) / $0) }
        if let rhythm { try? await Task.sleep(for: rhythm * Double.random(in: 0...1)) }
        var due = ContinuousClock.now
        var turn = sender
        while !Task.isCancelled {
            turn += 1
            let (verdict, _) = await context.send(
                lines.draft(), to: conversation, as: member.account, member.session, at: context.gateway(turn),
                attempt: 1, by: process)
            if case .success = verdict { context.count { $0.acknowledged += 1 } }
            if let rhythm {
                due += rhythm
                // Who was held up does not make up for it: there is one send in flight for each sender.
                due = max(due, .now - rhythm)
                try? await Task.sleep(until: due)
            } else if case .success = verdict {
                continue
            } else {
                try? await Task.sleep(for: .milliseconds(Int.random(in: 20...100)))
            }
        }
    }
}
