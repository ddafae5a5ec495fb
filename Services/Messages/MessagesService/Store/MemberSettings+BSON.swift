import ChatContracts
import MongoStore

/// The document `u.g` of a conversation: what a member has chosen for it.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `v` | int64 | the version: how often it was changed |
/// | `p` | date | when the conversation was pinned; absent if it is not |
/// | `pv` | int64 | the version with which it was pinned or unpinned last; absent until then, like the next two |
/// | `m` | boolean | true while it is muted; else absent |
/// | `u` | date | when the muting ends by itself; absent if it does not |
/// | `t` | boolean | true if mentions and replies are told although it is muted; else absent |
/// | `mv` | int64 | the version with which it was muted or unmuted last |
/// | `a` | int64 | the `seq` of the newest message when it was archived; absent if it is not |
/// | `av` | int64 | the version with which it was archived or brought back last |
/// | `b` | boolean | true while the member has blocked the others; else absent |
/// | `bv` | int64 | the version with which they were blocked or unblocked last |
enum SettingsField {
    static let version = "v"
    static let pinnedAt = "p"
    static let pinnedVersion = "pv"
    static let muted = "m"
    static let mutedUntil = "u"
    static let tellsMentions = "t"
    static let mutedVersion = "mv"
    static let archivedThrough = "a"
    static let archivedVersion = "av"
    static let blocked = "b"
    static let blockedVersion = "bv"

    /// The path of a field from the conversation's document on.
    static func path(_ member: Int, _ field: String) -> String {
        "\(ConversationField.member(member, ConversationField.settings)).\(field)"
    }
}

extension MemberSettings {
    init(bson: BSONDocument) throws(BSONError) {
        self.init(
            version: try bson.counter(SettingsField.version),
            pinnedAt: try bson.optionalDate(SettingsField.pinnedAt).map { Timestamp(milliseconds: $0) },
            pinnedVersion: try bson.optionalCounter(SettingsField.pinnedVersion) ?? 0,
            isMuted: try bson.optionalBool(SettingsField.muted) ?? false,
            mutedUntil: try bson.optionalDate(SettingsField.mutedUntil).map { Timestamp(milliseconds: $0) },
            tellsMentions: try bson.optionalBool(SettingsField.tellsMentions) ?? false,
            mutedVersion: try bson.optionalCounter(SettingsField.mutedVersion) ?? 0,
            archivedThrough: try bson.optionalCounter(SettingsField.archivedThrough),
            archivedVersion: try bson.optionalCounter(SettingsField.archivedVersion) ?? 0,
            isBlocked: try bson.optionalBool(SettingsField.blocked) ?? false,
            blockedVersion: try bson.optionalCounter(SettingsField.blockedVersion) ?? 0)
    }

    func write(to writer: inout BSONWriter) {
        writer.append(SettingsField.version, version)
        writer.append(SettingsField.pinnedAt, pinnedAt.map { BSONDate($0.milliseconds) })
        if pinnedVersion > 0 { writer.append(SettingsField.pinnedVersion, pinnedVersion) }
        if isMuted { writer.append(SettingsField.muted, true) }
        writer.append(SettingsField.mutedUntil, mutedUntil.map { BSONDate($0.milliseconds) })
        if tellsMentions { writer.append(SettingsField.tellsMentions, true) }
        if mutedVersion > 0 { writer.append(SettingsField.mutedVersion, mutedVersion) }
        if let archivedThrough { writer.append(SettingsField.archivedThrough, archivedThrough) }
        if archivedVersion > 0 { writer.append(SettingsField.archivedVersion, archivedVersion) }
        if isBlocked { writer.append(SettingsField.blocked, true) }
        if blockedVersion > 0 { writer.append(SettingsField.blockedVersion, blockedVersion) }
    }
}
