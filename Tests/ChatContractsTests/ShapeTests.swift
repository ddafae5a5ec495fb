import ChatContracts
import Foundation
import Testing

/// The JSON that other releases, the web page and bots see.
@Suite struct ShapeTests {
    private let user = UserID(high: 0, low: 1)
    private let other = UserID(high: 0, low: 2)
    private let conversation = ConversationID(high: 0, low: 3)
    private let one = "00000000000000000000000000000001"
    private let two = "00000000000000000000000000000002"
    private let three = "00000000000000000000000000000003"
    private let four = "00000000000000000000000000000004"

    private func expect<Value: Codable & Hashable>(
        _ value: Value, _ json: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(
            String(decoding: try encoder.encode(value), as: UTF8.self) == json, sourceLocation: location)
        #expect(
            try JSONDecoder().decode(Value.self, from: Data(json.utf8)) == value, sourceLocation: location)
    }

    private var message: Message {
        Message(
            conversation: conversation, seq: 4, rev: 5, sender: user, clientMessageId: ClientMessageID(high: 0, low: 4),
            text: "a \"b\"\nc/d", sentAt: Timestamp(milliseconds: 0))
    }

    private var messageJSON: String {
        #"{"clientMessageId":"\#(four)","conversation":"\#(three)","rev":5,"sender":"\#(one)","#
            + #""sentAt":"1970-01-01T00:00:00.000Z","seq":4,"text":"a \"b\"\nc/d"}"#
    }

    @Test func `messages`() throws { try expect(message, messageJSON) }

    @Test func `messages that were changed, quote and have reactions`() throws {
        var value = message
        value.text = "b"
        value.edit = MessageEdit(at: Timestamp(milliseconds: 1), rev: 5)
        value.replyTo = Quote(seq: 2, sender: other, text: "q")
        value.reactions = [Reaction(emoji: "👍", users: [other, user])]
        let head = #"{"clientMessageId":"\#(four)","conversation":"\#(three)","#
        let tail = #""rev":5,"sender":"\#(one)","sentAt":"1970-01-01T00:00:00.000Z","seq":4,"text":"#
        let edited = #""edited":{"at":"1970-01-01T00:00:00.001Z","rev":5},"#
        let reactions = #""reactions":[{"emoji":"👍","users":["\#(two)","\#(one)"]}],"#
        let quote = #""replyTo":{"sender":"\#(two)","seq":2,"text":"q"},"#
        try expect(value, head + edited + reactions + quote + tail + "\"b\"}")
        var tombstone = message
        tombstone.text = ""
        tombstone.isDeleted = true
        try expect(tombstone, head + #""deleted":true,"# + tail + "\"\"}")
    }

    @Test func `what stays in the service is not in a message`() throws {
        var value = message
        value.original = ContentDigest(text: "a", replyTo: nil)
        (value.lastReaction, value.lastWithdrawal) = (4, 5)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(String(decoding: try encoder.encode(value), as: UTF8.self) == messageJSON)
    }

    @Test func `users`() throws {
        try expect(
            User(id: user, username: "Ada", displayName: "Ada L.", createdAt: Timestamp(milliseconds: 1)),
            #"{"createdAt":"1970-01-01T00:00:00.001Z","displayName":"Ada L.","id":"\#(one)","username":"Ada"}"#)
    }

    @Test func `conversations, with and without a message`() throws {
        var value = Conversation(
            id: conversation, form: .direct,
            members: [.init(user: user, received: 4, read: 3), .init(user: other, received: 0, read: 0)], head: 5,
            unread: 1, lastMessage: message, createdAt: Timestamp(milliseconds: 0))
        let members =
            #"[{"read":3,"received":4,"user":"\#(one)"},{"read":0,"received":0,"user":"\#(two)"}]"#
        try expect(
            value,
            #"{"createdAt":"1970-01-01T00:00:00.000Z","form":"direct","head":5,"id":"\#(three)","lastMessage":"#
                + messageJSON + #","members":\#(members),"unread":1}"#)
        value.lastMessage = nil
        try expect(
            value,
            #"{"createdAt":"1970-01-01T00:00:00.000Z","form":"direct","head":5,"id":"\#(three)","#
                + #""members":\#(members),"unread":1}"#)
    }

    @Test func `events`() throws {
        try expect(
            PositionChanged(conversation: conversation, user: user, received: 2, read: 1, unread: 3, head: 4),
            #"{"conversation":"\#(three)","head":4,"read":1,"received":2,"unread":3,"user":"\#(one)"}"#)
        try expect(ConversationOpened(conversation: conversation), #"{"conversation":"\#(three)"}"#)
        try expect(
            Typing(conversation: conversation, user: user),
            #"{"conversation":"\#(three)","user":"\#(one)"}"#)
        try expect(
            SessionEnded(user: user, sessions: ["ab"]), #"{"sessions":["ab"],"user":"\#(one)"}"#)
    }

    @Test func `heads are objects within an object`() throws {
        try expect(
            RecentHeadsResponse(heads: [user: [conversation: 9]]), #"{"heads":{"\#(one)":{"\#(three)":9}}}"#)
    }

    @Test func `a part of a reply is its value or its fault`() throws {
        try expect(ReplyPart.value(UserList(users: [])), #"{"value":{"users":[]}}"#)
        try expect(
            ReplyPart<UserList>.fault(Fault(.unavailable, "No.")), #"{"fault":{"code":"unavailable","message":"No."}}"#)
    }

    @Test func `faults, and every code's word`() throws {
        try expect(Fault(.invalid, "No.", field: "text"), #"{"code":"invalid","field":"text","message":"No."}"#)
        try expect(Fault(.notFound, "No."), #"{"code":"not-found","message":"No."}"#)
        #expect(
            Set(Fault.Code.allCases.map(\.rawValue)).isSuperset(of: [
                "invalid", "not-found", "wrong-credentials", "username-taken", "weak-password",
                "client-message-id-reused", "forbidden", "gone", "not-editable", "busy", "unavailable",
            ]))
    }

    @Test func `requests carry their fields by name, and absent options stay away`() throws {
        func json(_ value: some Encodable) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        #expect(
            try json(ReadHistory(user: user, conversation: conversation, limit: 5))
                == #"{"conversation":"\#(three)","limit":5,"user":"\#(one)"}"#)
        #expect(
            try json(SetPosition(conversation: conversation, user: user, read: 2))
                == #"{"conversation":"\#(three)","read":2,"user":"\#(one)"}"#)
        #expect(
            try json(MarkUnread(conversation: conversation, user: user, from: 2, unreadMarks: 1))
                == #"{"conversation":"\#(three)","from":2,"unreadMarks":1,"user":"\#(one)"}"#)
        #expect(
            try json(ChangeConversationSettings(conversation: conversation, user: user, version: 3, pinned: true))
                == #"{"conversation":"\#(three)","pinned":true,"user":"\#(one)","version":3}"#)
        #expect(
            try json(SyncChanges(user: user, cursors: [conversation: 2], recent: 0))
                == #"{"cursors":{"\#(three)":2},"recent":0,"user":"\#(one)"}"#)
        #expect(
            try json(
                ReadChatPage(
                    user: user, limit: 9, shown: .init(conversation: conversation, part: .before(seq: 7), limit: 5)))
                == #"{"limit":9,"shown":{"conversation":"\#(three)","limit":5,"part":{"before":{"seq":7}}},"#
                + #""user":"\#(one)"}"#)
        #expect(try json(ReadChatPage(user: user, limit: 9)) == #"{"limit":9,"user":"\#(one)"}"#)
        #expect(
            try json(ReadChatPeople(ids: [user], usernames: ["b"], limit: 5))
                == #"{"ids":["\#(one)"],"limit":5,"text":"","usernames":["b"]}"#)
        #expect(
            try json(OpenDirectConversation(user: user, other: other)) == #"{"other":"\#(two)","user":"\#(one)"}"#)
    }

    private let requests: [any RoutedRequest.Type] = [
        RegisterUser.self, SignIn.self, UpdateProfile.self, ChangePassword.self, LookUpUsers.self, FindUsers.self,
        ReadCredentialVersions.self, ListUsers.self, OpenDirectConversation.self, SendMessage.self, EditMessage.self,
        DeleteMessage.self, SetReaction.self, RemoveReaction.self, SetPosition.self, MarkUnread.self,
        ChangeConversationSettings.self,
        GetConversation.self, ListConversations.self, ReadHistory.self, SyncChanges.self, RecentHeads.self,
        ReadChatPage.self,
        ReadChatPeople.self, CreateGroup.self, AddGroupMembers.self, RemoveGroupMember.self, SetGroupRole.self,
        ChangeGroup.self, ListGroupMembers.self, ReadGroupAudience.self, ListSharedGroups.self, CreateInvitation.self,
        RevokeInvitation.self, JoinGroup.self, ListGroupInvitations.self, ReadInvitation.self,
        ReadMessageReaders.self,
    ]

    @Test func `the names of requests are pinned and different`() {
        let names = requests.map { $0.typeName }
        #expect(
            names == [
                "user.register.v2", "user.sign-in.v2", "user.update-profile.v1", "user.change-password.v2",
                "user.look-up.v1", "user.find.v1", "user.credential-versions.v1", "user.list.v1",
                "conversation.open-direct.v1", "message.send.v1", "message.edit.v1", "message.delete.v1",
                "reaction.set.v1", "reaction.remove.v1",
                "position.set.v1", "position.mark-unread.v1", "conversation.settings.v1", "conversation.get.v1",
                "conversation.list.v1",
                "message.history.v1",
                "changes.sync.v1", "heads.recent.v1", "conversation.chat-page.v1", "user.chat-page.v1",
                "group.create.v1", "group.add.v1", "group.remove.v1", "group.role.v1", "group.change.v1",
                "group.members.v1", "group.audience.v1", "group.shared.v1", "group.invite.v1", "group.revoke.v1",
                "group.join.v1",
                "group.invitations.v1", "group.invitation.v1", "message.readers.v1",
            ])
        #expect(Set(names).count == names.count)
    }

    @Test func `dead letters know every command`() {
        #expect(
            Set(ServiceCommands.all.map { $0.typeName })
                == Set(requests.filter { $0.form == .command }.map { $0.typeName }))
        for command in ServiceCommands.all { #expect(ServiceCommands.type(named: command.typeName) == command) }
        #expect(ServiceCommands.type(named: SignIn.typeName) == nil)
    }

    @Test func `fields of a newer release are ignored`() throws {
        let json = #"{"conversation":"\#(three)","later":{"a":[1]}}"#
        #expect(
            try JSONDecoder().decode(ConversationOpened.self, from: Data(json.utf8))
                == ConversationOpened(conversation: conversation))
    }
}
