import ChatContracts
import FaultHistory
import Foundation

/// Everything that a tab knows, as a pure function of what it hears; the same rules as the page's.
struct TabView: Sendable {
    /// Something to record, in order.
    struct Effect: Sendable {
        var conversation: ConversationID
        var change: ConversationView.Effect
        var via: Viewed.Source
    }

    private(set) var conversations: [ConversationID: ConversationView] = [:]
    /// Whether something may be missing that only a sync can bring.
    private(set) var needsSync = false
    /// Rises when the page is loaded anew; answers to what was asked before it are no longer wanted.
    private(set) var generation = 0
    /// Messages of conversations that this tab has never heard of, until a sync has told of them.
    private var strays: [ConversationID: [Entry]] = [:]

    private static let strayLimit = 200
    /// The event that carries a message as it is after a change.
    private static let messageChanged = "message.changed"

    var hasGap: Bool { conversations.values.contains(where: \.hasGap) }
    /// Conversations whose newest page has still to be fetched.
    var unloaded: [ConversationID] { conversations.filter { !$0.value.isLoaded }.map(\.key) }
    var heads: [ConversationID: Int64] { conversations.mapValues(\.head) }
    /// The cursors of the conversations whose messages this tab shows.
    var cursors: [ConversationID: Int64] { conversations.filter(\.value.isLoaded).mapValues(\.head) }

    mutating func wantSync() { needsSync = true }
    mutating func beginSync() { needsSync = false }

    /// The page is loaded anew.
    mutating func reload() {
        generation += 1
        conversations = [:]
        strays = [:]
        needsSync = false
    }

    /// Takes an event of the live stream.
    mutating func take(_ event: ServerEvents.Event) -> [Effect] {
        switch event.name {
        case EventName.messageSent, Self.messageChanged:
            guard let message = try? JSONDecoder().decode(Entry.self, from: Data(event.data)) else { return [] }
            return take(message, via: .stream)
        case EventName.conversationOpened:
            let opened = try? JSONDecoder().decode(ConversationOpened.self, from: Data(event.data))
            if let opened, conversations[opened.conversation] == nil { needsSync = true }
        case EventName.digest:
            // A higher head than ours means that a last event was lost.
            let heads = (try? JSONDecoder().decode([ConversationID: Int64].self, from: Data(event.data))) ?? [:]
            if heads.contains(where: { (conversations[$0.key]?.head ?? -1) < $0.value }) { needsSync = true }
        case EventName.resync:
            needsSync = true
        default: break
        }
        return []
    }

    /// Takes a message that was heard of by an event or as the answer to a send.
    mutating func take(_ message: Entry, via: Viewed.Source) -> [Effect] {
        guard conversations[message.conversation] != nil else {
            needsSync = true
            if strays[message.conversation, default: []].count < Self.strayLimit {
                strays[message.conversation, default: []].append(message)
            }
            return []
        }
        return change(message.conversation, via: via) { $0.take(message, &$1) }
    }

    /// Takes the answer to a sync from `asked` on.
    mutating func take(_ answer: SyncResult, asked: [ConversationID: Int64]) -> [Effect] {
        for conversation in answer.conversations {
            conversations[conversation.id, default: ConversationView()].learn(head: conversation.head)
        }
        var effects: [Effect] = []
        for changes in answer.changes {
            if conversations[changes.conversation] == nil {
                // Nobody described it, so it is none of this user's: whatever came of it must be seen.
                effects += Self.shown(changes.messages, in: changes.conversation, via: .sync)
            } else {
                effects += change(changes.conversation, via: .sync) {
                    $0.take(changes, asked: asked[changes.conversation], &$1)
                }
            }
        }
        if answer.more { needsSync = true }
        for (conversation, messages) in strays where conversations[conversation] == nil {
            effects += Self.shown(messages, in: conversation, via: .stream)
        }
        strays = [:]
        return effects
    }

    /// Takes the newest page of a conversation.
    mutating func take(_ page: EntryPage, of conversation: ConversationID) -> [Effect] {
        var isBehind = false
        let effects = change(conversation, via: .history) { isBehind = $0.take(page, &$1) }
        if isBehind { needsSync = true }
        return effects
    }

    private mutating func change(
        _ id: ConversationID, via: Viewed.Source,
        _ body: (inout ConversationView, inout [ConversationView.Effect]) -> Void
    ) -> [Effect] {
        guard var view = conversations[id] else { return [] }
        var changes: [ConversationView.Effect] = []
        body(&view, &changes)
        conversations[id] = view
        return changes.map { Effect(conversation: id, change: $0, via: via) }
    }

    private static func shown(
        _ messages: [Entry], in conversation: ConversationID, via: Viewed.Source
    ) -> [Effect] {
        messages.map { Effect(conversation: conversation, change: .shown($0), via: via) }
    }
}

extension TabView.Effect {
    /// As the history has it.
    var event: Event {
        let conversation = conversation.description
        return switch change {
        case .shown(let message):
            .viewed(Viewed(conversation: conversation, SeenMessage(message), via: via))
        case .changed(let message):
            .viewChanged(ViewChanged(conversation: conversation, message: SeenMessage(message), via: via))
        case .reset(let next, let head): .viewReset(ViewReset(conversation: conversation, next: next, head: head))
        case .healed(let from, let to): .gapHealed(GapHealed(conversation: conversation, from: from, to: to))
        }
    }
}

extension Viewed {
    fileprivate init(conversation: String, _ seen: SeenMessage, via: Source) {
        self.init(
            conversation: conversation, seq: seen.seq, rev: seen.rev, sender: seen.sender, id: seen.id, hash: seen.hash,
            via: via, state: seen.state)
    }
}
