import ChatContracts

/// What a member has chosen for a conversation, and with which version each choice was made.
struct MemberSettings: Sendable, Equatable {
    /// How often anything was changed; 0 while nothing was.
    var version: Int64 = 0
    var pinnedAt: Timestamp?
    var pinnedVersion: Int64 = 0
    var isMuted = false
    var mutedUntil: Timestamp?
    /// Whether mentions and replies are told although it is muted.
    var tellsMentions = false
    var mutedVersion: Int64 = 0
    var archivedThrough: Int64?
    var archivedVersion: Int64 = 0
    /// Whether the member has blocked the others.
    var isBlocked = false
    var blockedVersion: Int64 = 0
    /// Where a stranger's request stands; nil if there is none, or none any more.
    var request: MessageRequest?
    var requestVersion: Int64 = 0

    /// As the member sees them; nil while nothing was chosen.
    var shown: ConversationSettings? {
        guard version > 0 else { return nil }
        return ConversationSettings(
            version: version, pinnedAt: pinnedAt, isMuted: isMuted, mutedUntil: mutedUntil,
            tellsMentions: tellsMentions ? true : nil, archivedThrough: archivedThrough, isBlocked: isBlocked,
            request: request)
    }

    /// Whether the others are refused, and told so. Whoever blocks a stranger instead of accepting them tells nobody.
    var refuses: Bool { isBlocked && request == nil }

    /// Puts a request where it stands from now on, which is a change like those that the member makes.
    mutating func place(_ request: MessageRequest?) {
        guard request != self.request else { return }
        version += 1
        self.request = request
        requestVersion = version
    }
}

extension ChangeConversationSettings {
    /// The settings with the choices of this command, but for those that were made again since the version that it names:
    /// it may be a copy of a command that was carried out long ago. Doing it again with the result changes nothing.
    ///
    /// - Parameters:
    ///   - newest: the `seq` of the conversation's newest message.
    ///   - now: when a conversation is pinned.
    func apply(to known: MemberSettings, newest: Int64, now: Timestamp) -> MemberSettings {
        var settings = known
        let next = known.version + 1
        if let pinned, known.pinnedVersion <= version, pinned != (known.pinnedAt != nil) {
            settings.pinnedAt = pinned ? now : nil
            settings.pinnedVersion = next
        }
        let tells = tellsMentions ?? false
        if let muted, known.mutedVersion <= version,
            (muted, mutedUntil, tells) != (known.isMuted, known.mutedUntil, known.tellsMentions)
        {
            settings.isMuted = muted
            settings.mutedUntil = mutedUntil
            settings.tellsMentions = tells
            settings.mutedVersion = next
        }
        if let archived, known.archivedVersion <= version {
            let through = archived ? min(archivedThrough ?? newest, newest) : nil
            if through != known.archivedThrough {
                settings.archivedThrough = through
                settings.archivedVersion = next
            }
        }
        if let blocked, known.blockedVersion <= version, blocked != known.isBlocked {
            settings.isBlocked = blocked
            settings.blockedVersion = next
        }
        if let request, known.requestVersion <= version, known.request != nil {
            let wanted: MessageRequest? = request == .accepted ? nil : .declined
            if wanted != known.request {
                settings.request = wanted
                settings.requestVersion = next
            }
        }
        if settings != known { settings.version = next }
        return settings
    }
}
