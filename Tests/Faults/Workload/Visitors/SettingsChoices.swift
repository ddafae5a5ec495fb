import ChatContracts
import FaultHistory
import Synchronization

/// Pins, mutes and archives conversations, now from one tab, now from another, which may know less.
struct SettingsChoices: Sendable {
    let context: RunContext
    let pace: NowAndThen

    private struct Place: Hashable {
        var user: UserID
        var conversation: ConversationID
    }

    /// The highest versions that were told.
    private final class Versions: Sendable {
        private let known = Mutex<[Place: Int64]>([:])

        subscript(place: Place) -> Int64 { known.withLock { $0[place] ?? 0 } }
        func raise(_ place: Place, to version: Int64) {
            known.withLock { $0[place] = max($0[place] ?? 0, version) }
        }
    }

    func run() async {
        let versions = Versions()
        await pace.run { await choose($1, $2, of: $0, versions) }
    }

    private struct Form: Encodable {
        var version: Int64
        var pinned: Bool?
        var muted: Bool?
        var archived: Bool?
        var archivedThrough: Int64?
    }

    private func choose(
        _ conversation: ConversationID, _ newest: Int64, of tab: Tab, _ versions: Versions
    ) async {
        let user = tab.browser.account.id
        let place = Place(user: user, conversation: conversation)
        var form = Form(version: Bool.random() ? versions[place] : Int64.random(in: 0...versions[place]))
        switch Int.random(in: 0..<3) {
        case 0: form.pinned = .random()
        case 1: form.muted = .random()
        default:
            form.archived = .random()
            if form.archived == true { form.archivedThrough = newest }
        }
        let session = tab.browser.session
        let gateway = context.gateway(Int.random(in: 0..<8))
        _ = await context.carryOut(
            RunContext.Operation(
                process: tab.process, method: "PATCH", path: "/api/v1/conversations/\(conversation)/settings",
                body: body(form), gateway: gateway, cookie: session.cookie, changes: true),
            invoked: {
                .settingsInvoked(
                    SettingsInvoked(
                        op: $0, user: user.description, session: session.name, gateway: gateway.name,
                        conversation: conversation.description, version: form.version))
            },
            succeeded: { op, answer in
                guard let changed = answer.decode(ConversationSettingsChanged.self) else { return nil }
                versions.raise(place, to: changed.settings?.version ?? 0)
                return .settingsAcknowledged(SettingsAcknowledged(op: op, settings: SeenSettings(changed.settings)))
            })
    }
}

extension SeenSettings {
    init(_ settings: ConversationSettings?) {
        self.init(
            version: settings?.version ?? 0, pinnedAt: settings?.pinnedAt?.milliseconds,
            isMuted: settings?.isMuted ?? false, archivedThrough: settings?.archivedThrough)
    }
}
