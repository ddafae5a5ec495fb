import ChatContracts
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import GatewayService

/// Groups with the real services: who hears what, on two gateways, and what pages show of them.
@Suite("Groups with the real services", .serialized, .timeLimit(.minutes(5)))
struct GroupChatTests {
    private func group(
        by browser: LiveBrowser, _ name: String, with others: [String]
    ) async throws -> ConversationID {
        let usernames = others.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await browser.send(
            .POST, "/api/v1/groups",
            body: #"{"clientMessageId":"\#(ClientMessageID.random())","name":"\#(name)","usernames":[\#(usernames)]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.decode(GroupChanged.self).conversation
    }

    private func messages(_ reader: EventReader) throws -> [Message] {
        try reader.events.filter { $0.name == "message.sent" }
            .map { try JSONDecoder().decode(Message.self, from: Data($0.data.utf8)) }
    }

    @Test func `everybody in a group hears everything on two gateways, and whoever is removed nothing more`()
        async throws
    {
        try await withRunningChat(gateways: 2) { chat in
            let names = ["ada", "bob", "cem", "dot"]
            var browsers: [LiveBrowser] = []
            var users: [User] = []
            for (index, name) in names.enumerated() {
                browsers.append(chat.browser(index % 2))
                users.append(try await browsers[index].register(name))
            }
            let (ada, bob, cem, dot) = (browsers[0], browsers[1], browsers[2], browsers[3])
            let bobID = users[1].id
            try await withEvents(chat.addresses[0], token: ada.token) { adas in
                try await withEvents(chat.addresses[1], token: bob.token) { bobs in
                    try await withEvents(chat.addresses[0], token: cem.token) { cems in
                        try await withEvents(chat.addresses[1], token: dot.token) { dots in
                            let id = try await group(by: ada, "Allotment", with: ["bob", "CEM"])
                            let path = "/api/v1/conversations/\(id)"
                            for reader in [adas, bobs, cems] {
                                try await eventually("the group is heard of") {
                                    try messages(reader).contains { $0.line?.kind == .created }
                                }
                            }
                            #expect(try await bob.say("secret", in: id).status == 200)
                            try await eventually("ada hears bob") {
                                try messages(adas).contains { $0.text == "secret" }
                            }

                            // Bob goes, dot comes.
                            let removal = try await ada.send(.DELETE, "\(path)/members/\(bobID)")
                            #expect(removal.status == 200, "\(removal.text)")
                            let added = try await ada.send(.POST, "\(path)/members", body: #"{"usernames":["dot"]}"#)
                            #expect(added.status == 200, "\(added.text)")
                            let reply = try await cem.send(
                                .POST, "\(path)/messages",
                                body:
                                    #"{"clientMessageId":"\#(ClientMessageID.random())","text":"answer","replyTo":2}"#)
                            #expect(reply.status == 200)
                            for reader in [adas, cems, dots] {
                                try await eventually("the answer came") {
                                    try messages(reader).contains { $0.text == "answer" }
                                }
                            }
                            let quotes = try [adas, dots].map { reader in
                                try messages(reader).first { $0.text == "answer" }?.replyTo?.text
                            }
                            #expect(quotes == ["secret", nil], "what was written before dot came")
                            try await eventually("bob's devices hear that he is out") {
                                bobs.events.contains { $0.name == "conversation.closed" }
                            }
                            #expect(try messages(bobs).map(\.seq).max() == 2)
                            #expect(try messages(dots).map(\.seq).min() == 4)

                            // Neither reads, writes, reacts, sees members or says that he is writing.
                            for (method, place, body) in [
                                (.GET, "", nil), (.GET, "/messages", nil), (.GET, "/members", nil),
                                (.POST, "/typing", nil), (.PUT, "/position", #"{"read":1}"#),
                                (.POST, "/messages", #"{"clientMessageId":"\#(ClientMessageID.random())","text":"x"}"#),
                                (.PUT, "/messages/2/reactions/%F0%9F%91%8D", #"{"rev":2}"#),
                                (.PATCH, "/messages/2", #"{"text":"x","rev":2}"#),
                            ] as [(HTTPMethod, String, String?)] {
                                #expect(try await bob.send(method, path + place, body: body).status == 404, "\(place)")
                            }
                            #expect(try await bob.send(.GET, "/g/\(id)").status == 404)
                            let sync = try await bob.send(
                                .POST, "/api/v1/sync", body: #"{"cursors":{"\#(id)":1},"recent":50}"#)
                            #expect(!sync.text.contains(id.description))
                            let members = try await dot.send(.GET, "\(path)/members")
                            for (name, isThere) in [("ada", true), ("bob", false), ("cem", true), ("dot", true)] {
                                #expect(members.text.contains(#""username":"\#(name)""#) == isThere)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `an invitation leads in by its link, also without a script and without an account`() async throws {
        try await withRunningChat { chat in
            let ada = chat.browser()
            _ = try await ada.register("ada", displayName: "Ada L.")
            let id = try await group(by: ada, "Nest <box>", with: [])
            let path = "/api/v1/conversations/\(id)/invitations"
            let command = #"{"clientMessageId":"\#(ClientMessageID.random())","maximumUses":2,"expiresIn":3600}"#
            let made = try await ada.send(.POST, path, body: command)
            #expect(made.status == 200, "\(made.text)")
            let invitation = try made.decode(GroupInvitation.self)
            let again = try await ada.send(.POST, path, body: command)
            #expect(try again.decode(GroupInvitation.self) == invitation, "a repeat")
            let link = "/join/\(id)/\(invitation.token)"

            let bob = chat.browser()
            let door = try await bob.send(.GET, link)
            #expect(door.text.contains("Welcome back") && door.text.contains(#"href="/signup?next=%2Fjoin"#))
            _ = try await bob.register("bob", displayName: "Bob")
            let question = try await bob.send(.GET, link)
            #expect(question.status == 200 && !question.text.contains("Nest <box>"))
            for words in ["Join <bdi>Nest &lt;box&gt;</bdi>?", "Ada L.", "1 member", #"action="\#(link)""#] {
                #expect(question.text.contains(words), "\(words)")
            }
            let joined = try await bob.send(.POST, link, body: "", type: "application/x-www-form-urlencoded")
            #expect(joined.status == 200 && joined.text.contains("You joined by an invitation"))
            #expect(try await bob.send(.GET, link).text.contains("You joined"), "a member is led to the group")

            // By the API, until nothing is left of it.
            let cem = chat.browser()
            _ = try await cem.register("cem")
            let api = "/api/v1/invitations/\(id)/\(invitation.token)"
            let look = try await cem.send(.GET, api)
            #expect(try look.decode(InvitationPreview.self).memberCount == 2 && look.text.contains("Ada L."))
            #expect(try await cem.send(.POST, api, body: "{}").status == 200)
            let dot = chat.browser()
            _ = try await dot.register("dot")
            #expect(try await dot.send(.POST, api, body: "{}").status == 410)
            let refused = try await dot.send(.GET, link)
            #expect(refused.status == 410 && refused.text.contains("as often as it could be"))
            #expect(try await dot.send(.GET, "/join/\(id)/nothing").status == 404)

            let list = try await ada.send(.GET, path)
            #expect(list.text.contains(#""uses":2"#) && list.text.contains("Ada L."))
            #expect(try await bob.send(.GET, path).status == 403)
            #expect(try await ada.send(.DELETE, "\(path)/\(invitation.id)").status == 200)
            #expect(try await ada.send(.DELETE, "\(path)/\(invitation.id)").status == 200, "once more")
            #expect(try await ada.send(.GET, path).text.contains(#""invitations":[]"#))
            #expect(try await dot.send(.POST, api, body: "{}").status == 404)
        }
    }

    @Test func `pages show groups and write in them without any script`() async throws {
        try await withRunningChat { chat in
            let ada = chat.browser()
            _ = try await ada.register("ada", displayName: "Ada L.")
            let bob = chat.browser()
            _ = try await bob.register("bob")
            let id = try await group(by: ada, "Nest <box>", with: ["bob"])
            let sent = try await ada.send(
                .POST, "/g/\(id)", body: "text=hello+%3Cb%3E&clientMessageId=\(ClientMessageID.random())",
                type: "application/x-www-form-urlencoded")
            #expect(sent.status == 200 && sent.text.contains("hello &lt;b&gt;"), "the form leads to the group")
            let page = try await bob.send(.GET, "/g/\(id)")
            #expect(page.status == 200)
            for words in ["Nest &lt;box&gt;", "2 members", "Ada L. made the group", "hello &lt;b&gt;", "1 new message"]
            {
                #expect(page.text.contains(words), "\(words)")
            }
            #expect(page.text.contains(#"class="speaker hue-"#) && page.text.contains("avatar group hue-"))
            let list = try await bob.send(.GET, "/chatwith")
            #expect(list.text.contains(#"href="/g/\#(id)#new""#) && list.text.contains("Ada L.:"))
            let read = try await bob.send(
                .POST, "/g/\(id)/read", body: "readUpTo=2", type: "application/x-www-form-urlencoded")
            #expect(read.status == 200 && !read.text.contains("1 new message"))
            let react = try await bob.send(
                .POST, "/g/\(id)/messages/2/react", body: "emoji=%F0%9F%91%8D&wanted=on",
                type: "application/x-www-form-urlencoded")
            #expect(react.status == 200 && react.text.contains("You"), "\(react.status)")
            let link = try await bob.send(.GET, "/c/\(id)?at=2")
            #expect(link.status == 200 && link.text.contains("Nest &lt;box&gt;"))
            #expect(try await bob.send(.GET, "/g/\(ConversationID.random())").status == 404)
            #expect(try await bob.send(.GET, "/g/nothing").status == 404)
            let unknown = try await ada.send(
                .POST, "/api/v1/groups",
                body: #"{"clientMessageId":"\#(ClientMessageID.random())","name":"x","usernames":["nobody"]}"#)
            #expect(unknown.status == 422 && unknown.text.contains("nobody"))
        }
    }
}
