import ChatContracts
import Foundation
import MessageBus
import MongoStore
import TestSupport
import Testing

@testable import MessagesService

/// Invitations to groups: who can make them, what they open, and when they end.
@Suite("Invitations")
struct InvitationTests {
    private let ada = UserID(high: 1, low: 1)
    private let bob = UserID(high: 1, low: 2)
    private let cem = UserID(high: 1, low: 3)
    private let dot = UserID(high: 1, low: 4)

    @Test func `whoever has an invitation joins once, sees what new members see, and a repeat changes nothing`()
        async throws
    {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            let id = ClientMessageID.random()
            let invitation = try await running.invite(to: group, by: ada, id: id)
            #expect(invitation.id == 2 && invitation.createdBy == ada && invitation.uses == 0)
            #expect(try await running.invite(to: group, by: ada, id: id) == invitation, "a repeat, with another token")
            try await running.send("before", by: ada, in: group)
            let preview = try await running.query(
                ReadInvitation(user: cem, conversation: group, token: invitation.token))
            #expect(
                preview
                    == InvitationPreview(
                        conversation: group, name: "Allotment", memberCount: 2, showsHistory: false, createdBy: ada,
                        isMember: false))

            let join = ClientMessageID.random()
            let joined = try await running.join(group, invitation.token, by: cem, id: join)
            #expect(try await running.join(group, invitation.token, by: cem, id: join) == joined, "a repeat")
            #expect(joined.line?.sender == cem && joined.line?.line == .told(.joined, [cem], showsHistory: false))
            #expect(joined.group?.memberCount == 3 && joined.group?.version == joined.line?.seq)
            #expect(try await running.join(group, invitation.token, by: cem).line == nil, "a member already")
            try await running.send("hello", by: cem, in: group)
            #expect(try await running.history(group, cem).map(\.text) == ["", "hello"])
            let listed = try await running.query(ListGroupInvitations(user: ada, conversation: group)).invitations
            #expect(listed.map(\.uses) == [1])
            let again = try await running.query(
                ReadInvitation(user: cem, conversation: group, token: invitation.token))
            #expect(again.isMember)
            // Nobody else learns the secret.
            let lines = try await running.history(group, bob)
            #expect(!String(decoding: try JSONEncoder().encode(lines), as: UTF8.self).contains("\(invitation.token)"))
        }
    }

    @Test func `an invitation ends by being used up, by its expiry and by being withdrawn`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [])
            let once = try await running.invite(to: group, by: ada, maximumUses: 1)
            let codes = try await withThrowingTaskGroup(of: Fault.Code?.self) { tasks in
                for user in [bob, cem, dot] {
                    tasks.addTask { await fault { try await running.join(group, once.token, by: user) }?.code }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .gone } == 2)
            let members = try await running.members(of: group, for: ada)
            #expect(members.count == 2)
            let outside = try #require([bob, cem, dot].first { members[$0] == nil })

            let short = try await running.invite(to: group, by: ada, expiresIn: 1)
            try await eventually("the invitation expires") {
                await fault {
                    try await running.query(ReadInvitation(user: outside, conversation: group, token: short.token))
                }?.code == .gone
            }
            #expect(await fault { try await running.join(group, short.token, by: outside) }?.code == .gone)

            let withdrawn = try await running.invite(to: group, by: ada)
            let id = ClientMessageID.random()
            let revoke = RevokeInvitation(
                conversation: group, user: ada, clientMessageId: id, invitation: withdrawn.id)
            let reply = try await running.ask(revoke)
            #expect(reply.line?.line == .told(.revoked, []))
            #expect(try await running.ask(revoke) == reply, "a repeat")
            #expect(
                try await running.ask(
                    RevokeInvitation(
                        conversation: group, user: ada, clientMessageId: .random(), invitation: withdrawn.id)
                ).line == nil, "withdrawn already")
            #expect(await fault { try await running.join(group, withdrawn.token, by: outside) }?.code == .notFound)
        }
    }

    @Test func `a foreign or invented invitation opens nothing`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [])
            let other = try await running.group(of: bob, with: [])
            let direct = try await running.open(ada, cem).id
            let invitation = try await running.invite(to: other, by: bob)
            let unknown = Fault.unknownInvitation
            for (conversation, token) in [
                (group, invitation.token), (group, .random()), (.random(), invitation.token), (direct, .random()),
            ] {
                let refusal = await fault { try await running.join(conversation, token, by: cem) }
                #expect(refusal == unknown, "\(conversation) \(token)")
                let preview = await fault {
                    try await running.query(ReadInvitation(user: cem, conversation: conversation, token: token))
                }
                #expect(preview == unknown, "\(conversation) \(token)")
            }
        }
    }

    @Test func `members neither make, see nor withdraw invitations, and outsiders learn of none`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob])
            let invitation = try await running.invite(to: group, by: ada)
            for (user, code) in [(bob, Fault.Code.forbidden), (cem, .notFound)] {
                #expect(await fault { try await running.invite(to: group, by: user) }?.code == code)
                #expect(
                    await fault {
                        try await running.query(ListGroupInvitations(user: user, conversation: group))
                    }?.code == code)
                #expect(
                    await fault {
                        try await running.ask(
                            RevokeInvitation(
                                conversation: group, user: user, clientMessageId: .random(),
                                invitation: invitation.id))
                    }?.code == code)
            }
            try await running.make(bob, .admin, in: group, by: ada)
            #expect(try await running.invite(to: group, by: bob).createdBy == bob)
        }
    }

    @Test func `whoever was removed needs a newer invitation, and whoever left does not`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [bob, cem])
            let old = try await running.invite(to: group, by: ada)
            try await running.remove(bob, from: group, by: ada)
            try await running.remove(cem, from: group, by: cem)
            #expect(await fault { try await running.join(group, old.token, by: bob) }?.code == .forbidden)
            #expect(try await running.join(group, old.token, by: cem).group != nil)
            let new = try await running.invite(to: group, by: ada)
            #expect(try await running.join(group, new.token, by: bob).group != nil)
            // Being there again, nothing is held against him.
            try await running.remove(bob, from: group, by: bob)
            #expect(try await running.join(group, old.token, by: bob).group != nil)
        }
    }

    @Test func `what is wrong with an invitation is said`() async throws {
        try await withMessagesService { running async throws in
            let group = try await running.group(of: ada, with: [])
            for (expiresIn, uses, field) in [
                (0, nil, "expiresIn"), (31_536_001, nil, "expiresIn"), (nil, 0, "maximumUses"),
                (nil, 1_001, "maximumUses"),
            ] as [(Int?, Int?, String)] {
                let refusal = await fault {
                    try await running.invite(to: group, by: ada, expiresIn: expiresIn, maximumUses: uses)
                }
                #expect(refusal?.code == .invalid && refusal?.field == field)
            }
            for _ in 0..<Limits.invitations { _ = try await running.invite(to: group, by: ada) }
            let refusal = await fault { try await running.invite(to: group, by: ada) }
            #expect(refusal?.code == .invalid && refusal?.field == "invitation")
        }
    }

    @Test func `the invitations of a group outlive the service, and are written as they are read`() throws {
        var group = GroupState()
        group.name = "Allotment"
        group.invitations = [
            GroupInvitation(
                id: 7, token: .random(), createdBy: ada, createdAt: Timestamp(milliseconds: 5),
                expiresAt: Timestamp(milliseconds: 9), maximumUses: 3, uses: 2),
            GroupInvitation(id: 9, token: .random(), createdBy: bob, createdAt: Timestamp(milliseconds: 6)),
        ]
        #expect(try GroupState(bson: BSONDocument { group.write(to: &$0) }) == group)
        for invitation in [
            GroupLine.Invitation(id: 4),
            GroupLine.Invitation(
                token: .random(), expiresAt: Timestamp(milliseconds: 9), maximumUses: 3),
        ] {
            let line = GroupLine(.invited, invitation: invitation)
            #expect(try GroupLine(bson: BSONDocument { line.write(to: &$0) }) == line)
        }
    }
}
