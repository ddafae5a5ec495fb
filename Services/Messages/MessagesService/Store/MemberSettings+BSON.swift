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
/// | `q` | string | where a stranger's request stands: `waiting` or `declined`; absent if there is none, or none any more |
/// | `qv` | int64 | the version with which it came to stand there |
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
    static let request = "q"
    static let requestVersion = "qv"

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
            blockedVersion: try bson.optionalCounter(SettingsField.blockedVersion) ?? 0,
            request: try bson.optionalString(SettingsField.request).map(MessageRequest.init(stored:)),
            requestVersion: try bson.optionalCounter(SettingsField.requestVersion) ?? 0)
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
        writer.append(SettingsField.request, request?.rawValue)
        if requestVersion > 0 { writer.append(SettingsField.requestVersion, requestVersion) }
    }
}

extension MessageRequest {
    fileprivate init(stored text: String) throws(BSONError) {
        guard let request = MessageRequest(rawValue: text) else {
            throw BSONError(
                .unrepresentable, field: SettingsField.request, message: "where a request stands is not known")
        }
        self = request
    }
}
