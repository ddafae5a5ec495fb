import ChatContracts
import MongoStore

/// The documents of the collection `conversations`:
///
/// | field | type | meaning |
/// |---|---|---|
/// | `_id` | binary, 16 bytes | the conversation's id, most significant byte first |
/// | `k` | string | the form: `direct` or `group` |
/// | `h` | int64 | the head: the number of the last change that this document shows |
/// | `n` | int64 | messages up to the head that are not deleted |
/// | `u` | array | the members, in an order that never changes; absent in a group, see ``MembershipField`` |
/// | `u.i` | binary, 16 bytes | the member's user id |
/// | `u.s` | int64 | messages of this member up to the head that are not deleted |
/// | `u.f` | int64 | the highest number that one of the member's devices has received |
/// | `u.r` | int64 | the highest number that the member has read |
/// | `u.m` | int64 | how often the member has marked messages as unread; absent until then |
/// | `u.t` | int64 | the highest number that the member had read before such a mark; absent until then |
/// | `u.w` | date | when the member last read a message of somebody else for the first time; absent until then |
/// | `u.v` | int64 | messages of others at or below `u.r` that are not deleted |
/// | `u.g` | document | what the member has chosen, see ``SettingsField``; absent until then |
/// | `l` | document | the newest message, with the fields of ``MessageField`` but `_id` and `c`, and its `seq` as `q` |
/// | `d` | date | when the first message was stored; before, when the document was made |
/// | `p` | int64 | there while messages above `h` may be stored and answered; whose mark it is |
/// | `a` | date | when something was last sent, or when the document was made |
/// | `e` | date | when a message was last edited, deleted or reacted to; absent until then |
/// | `g` | document | of a group: its name (`n`), description (`a`), whether new members see what was written before (`h`),
/// | | | how many members (`c`) and owners (`o`) it has, and the number of the last change of them (`v`); |
/// | | | its invitations (`i`, see ``InvitationField``) are absent if there are none |
/// | `o` | document | while nothing was sent: who has opened the conversation (the user id as text) and when |
enum ConversationField {
    static let id = "_id"
    static let form = "k"
    static let head = "h"
    static let count = "n"
    static let members = "u"
    static let user = "i"
    static let sent = "s"
    static let received = "f"
    static let read = "r"
    static let unreadMarks = "m"
    static let readBeforeMarks = "t"
    static let readAt = "w"
    static let readOfOthers = "v"
    static let settings = "g"
    static let last = "l"
    static let seq = "q"
    static let createdAt = "d"
    static let activeAt = "a"
    static let mark = "p"
    static let changedAt = "e"
    static let opened = "o"
    static let group = "g"
    static let groupName = "n"
    static let groupAbout = "a"
    static let groupShowsHistory = "h"
    static let groupMemberCount = "c"
    static let groupOwners = "o"
    static let groupVersion = "v"
    static let groupInvitations = "i"

    static func opened(by user: UserID) -> String { "\(opened).\(user)" }
    static func member(_ place: Int, _ field: String) -> String { "\(members).\(place).\(field)" }
}

/// A conversation as it is stored.
struct ConversationDocument: BSONMappable, Equatable {
    var state: ConversationState
    var last: Message?
    /// When something was last sent, as far as lists are sorted by it.
    var activeAt: Timestamp
    /// Whether messages above the head may be stored and answered.
    var isMarked = false
    /// Lines about the group above the stored head: the memberships may be behind them.
    var lines: [Message] = []
    /// Entries that were changed above the stored head, by `seq`: their own documents may be behind.
    var changed: [Int64: Message] = [:]

    /// A conversation in which nothing was sent.
    init(_ opening: LaneOpening) {
        let id = opening.membership.conversation
        state =
            opening.isGroup
            ? ConversationState(newGroup: id, createdAt: opening.at)
            : ConversationState(new: id, members: opening.members, createdAt: opening.at)
        last = nil
        activeAt = opening.at
    }

    init(bson: BSONDocument) throws(BSONError) {
        let id = try bson.identifier(ConversationField.id, of: ConversationKind.self)
        let opened = try bson.optionalDocument(ConversationField.opened)
        var members: [ConversationState.Member] = []
        let group = try bson.optionalDocument(ConversationField.group).map(GroupState.init(bson:))
        for member in group == nil ? try bson.documents(ConversationField.members) : [] {
            let user = try member.identifier(ConversationField.user, of: UserKind.self)
            members.append(
                .init(
                    user: user,
                    sent: try member.counter(ConversationField.sent),
                    positions: MemberPositions(
                        received: try member.counter(ConversationField.received),
                        read: try member.counter(ConversationField.read),
                        unreadMarks: try member.optionalCounter(ConversationField.unreadMarks) ?? 0,
                        readBeforeMarks: try member.optionalCounter(ConversationField.readBeforeMarks) ?? 0,
                        readAt: try member.optionalDate(ConversationField.readAt).map { Timestamp(milliseconds: $0) }),
                    readOfOthers: try member.counter(ConversationField.readOfOthers),
                    openedAt: try opened?.optionalDate(user.description).map { Timestamp(milliseconds: $0) },
                    settings: try member.optionalDocument(ConversationField.settings).map(MemberSettings.init(bson:))
                        ?? MemberSettings()))
        }
        let head = try bson.counter(ConversationField.head)
        activeAt = Timestamp(milliseconds: try bson.date(ConversationField.activeAt))
        isMarked = try bson.optionalInt64(ConversationField.mark) != nil
        state = ConversationState(
            id: id, members: members, head: head, count: try bson.counter(ConversationField.count), storedHead: head,
            createdAt: Timestamp(milliseconds: try bson.date(ConversationField.createdAt)), activeAt: activeAt)
        state.group = group
        if let last = try bson.optionalDocument(ConversationField.last) {
            self.last = try Message(last, of: id, seq: try last.counter(ConversationField.seq))
            state.lastSeq = self.last?.seq ?? 0
        }
    }

    func write(to writer: inout BSONWriter) {
        writer.append(ConversationField.id, BSONBinary(state.id.bytes))
        writeFields(to: &writer)
        writer.document(ConversationField.opened) { opened in
            for member in state.members {
                opened.append(member.user.description, member.openedAt.map { BSONDate($0.milliseconds) })
            }
        }
    }

    /// Everything but the id and who has opened it.
    func writeFields(to writer: inout BSONWriter) {
        let form: Conversation.Form = state.group == nil ? .direct : .group
        writer.append(ConversationField.form, form.rawValue)
        writer.append(ConversationField.head, state.head)
        writer.append(ConversationField.count, state.count)
        if let group = state.group {
            writer.document(ConversationField.group) { group.write(to: &$0) }
        } else {
            writeMembers(to: &writer)
        }
        writer.append(ConversationField.last, last.map(Self.summary))
        writer.append(ConversationField.createdAt, BSONDate(state.createdAt.milliseconds))
        writer.append(ConversationField.activeAt, BSONDate(activeAt.milliseconds))
    }

    private func writeMembers(to writer: inout BSONWriter) {
        writer.array(ConversationField.members) { members in
            for member in state.members {
                members.document { writer in
                    writer.append(ConversationField.user, BSONBinary(member.user.bytes))
                    writer.append(ConversationField.sent, member.sent)
                    writer.append(ConversationField.received, member.positions.received)
                    writer.append(ConversationField.read, member.positions.read)
                    if member.positions.unreadMarks > 0 {
                        writer.append(ConversationField.unreadMarks, member.positions.unreadMarks)
                        writer.append(ConversationField.readBeforeMarks, member.positions.readBeforeMarks)
                    }
                    writer.append(
                        ConversationField.readAt, member.positions.readAt.map { BSONDate($0.milliseconds) })
                    writer.append(ConversationField.readOfOthers, member.readOfOthers)
                    if member.settings.version > 0 {
                        writer.document(ConversationField.settings) { member.settings.write(to: &$0) }
                    }
                }
            }
        }
    }

    /// A message inside a conversation's document.
    static func summary(of message: Message) -> BSONDocument {
        BSONDocument { writer in
            writer.append(ConversationField.seq, message.seq)
            message.writeFields(to: &writer)
        }
    }

    /// Takes in what was stored above the head. Its place in lists stays that of the document.
    mutating func absorb(_ tail: [StoredChange]) {
        changed = tail.filter { $0.replaces != nil }.entries()
        lines = tail.compactMap(\.message).filter { $0.line != nil }
        let loaded = LoadedConversation(document: state, last: last, tail: tail)
        state = loaded.state
        last = loaded.last
    }

    /// Messages of this conversation that were read after it, none of them behind what the head promises.
    func current(_ messages: [Message]) -> [Message] {
        guard !changed.isEmpty else { return messages }
        return messages.map { message in
            changed[message.seq].flatMap { $0.rev > message.rev ? $0 : nil } ?? message
        }
    }

    /// Messages that are deleted although their own documents may not say so yet.
    var deleted: Set<EntryKey> { Set(changed.values.filter(\.isDeleted).map(EntryKey.init)) }

    /// The conversation as one of its members sees it; nil for anybody for whom it does not exist.
    func view(for user: UserID) -> Conversation? { state.view(for: user, last: last) }
}
