import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import Testing

@testable import GatewayService

/// Editing, deleting, answering and reacting with pages and forms alone.
@Suite(.serialized) struct MessageFormTests {
    private func field(_ name: String, in page: String) -> String? {
        guard let start = page.firstRange(of: "name=\"\(name)\" value=\"")?.upperBound else { return nil }
        return String(page[start...].prefix { $0 != "\"" })
    }

    /// The part of a page that is about one message.
    private func item(_ seq: Int64, in page: String) throws -> String {
        let start = try #require(page.firstRange(of: " id=\"m\(seq)\""), "message \(seq)")
        let end = try #require(page[start.upperBound...].firstRange(of: "\n</li>"))
        return String(page[start.lowerBound..<end.lowerBound])
    }

    private func composer(in page: String) throws -> String {
        let start = try #require(page.firstRange(of: "id=\"composer\""))
        let end = try #require(page[start.upperBound...].firstRange(of: "</section>"))
        return String(page[start.lowerBound..<end.lowerBound])
    }

    @Test func `a message is edited with its form`() async throws {
        try await MessageChangeTests.withPair { pair in
            let page = try await pair.ada.get("/chatwithme/bob").text
            let links = try item(1, in: page)
            #expect(links.contains("href=\"/chatwithme/bob?edit=1#composer\""))
            #expect(!(try item(2, in: page)).contains("?edit=2"), "somebody else's")
            let form = try composer(in: try await pair.ada.get("/chatwithme/bob?edit=1").text)
            #expect(form.contains("data-mode=\"edit\" data-seq=\"1\"") && form.contains(">\nfirst</textarea>"))
            #expect(form.contains("href=\"/chatwithme/bob?at=1#m1\""))
            #expect(field("rev", in: form) == "1")
            for _ in 0..<2 {
                let edited = try await pair.ada.submit(
                    "/chatwithme/bob/messages/1/edit", ["text": "first <b>\r\nbut better", "rev": "1"])
                #expect(edited.status == .seeOther)
                #expect(edited.headers[.location] == "/chatwithme/bob?at=1#m1")
            }
            let after = try item(1, in: try await pair.bob.get("/chatwithme/ada").text)
            #expect(after.contains("<p class=\"text\">first &lt;b&gt;\nbut better</p>"))
            #expect(after.contains("data-seq=\"1\" data-rev=\"3\""))
            #expect(
                after.contains("<span class=\"edited\" title=\"Edited Tuesday, 14 November 2023, 22:16:20 UTC\">"))
            let again = try composer(in: try await pair.ada.get("/chatwithme/bob?edit=1").text)
            #expect(field("rev", in: again) == "3")
        }
    }

    @Test func `an edit that is refused keeps its text`() async throws {
        try await MessageChangeTests.withPair { pair in
            let long = String(repeating: "é", count: Limits.messageCharacters + 1)
            for text in [long, " \r\n "] {
                let answer = try await pair.ada.submit("/chatwithme/bob/messages/1/edit", ["text": text, "rev": "1"])
                #expect(answer.status == .unprocessableContent)
                let form = try composer(in: answer.text)
                #expect(form.contains(">\n\(text.replacing("\r\n", with: "\n"))</textarea>"))
                #expect(
                    form.contains("/messages/1/edit\"") || answer.text.contains("/messages/1/edit\" id=\"composer\""))
                #expect(field("rev", in: form) == "1")
            }
            // Somebody was faster, with another browser.
            #expect(try await pair.edit(1, "faster", rev: 1).status == .ok)
            let lost = try await pair.ada.submit("/chatwithme/bob/messages/1/edit", ["text": "slower", "rev": "1"])
            #expect(lost.status == .conflict)
            #expect(lost.text.contains("The message was changed meanwhile."))
            let form = try composer(in: lost.text)
            #expect(form.contains(">faster</span>") && form.contains(">\nslower</textarea>"))
            let rev = try #require(field("rev", in: form))
            #expect(rev == "3")
            let saved = try await pair.ada.submit("/chatwithme/bob/messages/1/edit", ["text": "slower", "rev": rev])
            #expect(saved.status == .seeOther)
            // Deleted meanwhile: what was written can still be sent.
            _ = try await pair.ada.send(.delete, pair.path(1))
            let gone = try await pair.ada.submit("/chatwithme/bob/messages/1/edit", ["text": "too late", "rev": rev])
            #expect(gone.status == .gone && gone.text.contains("The message was deleted."))
            #expect(try composer(in: gone.text).contains(">too late</textarea>"))
            #expect(gone.text.contains("action=\"/chatwithme/bob\" id=\"composer\""))
            let foreign = try await pair.ada.submit("/chatwithme/bob/messages/2/edit", ["text": "mine", "rev": "2"])
            #expect(foreign.status == .forbidden && foreign.text.contains(">mine</textarea>"))
            let nothing = try await pair.ada.submit("/chatwithme/bob/messages/99/edit", ["text": "mine", "rev": "2"])
            #expect(nothing.status == .notFound && nothing.text.contains(">mine</textarea>"))
            let damaged = try await pair.bob.submit("/chatwithme/ada/messages/2/edit", ["text": "kept"])
            #expect(damaged.status == .unprocessableContent && damaged.text.contains(">\nkept</textarea>"))
        }
    }

    @Test func `while nothing can be read, an edit keeps its text and stays an edit`() async throws {
        try await MessageChangeTests.withPair { pair in
            pair.gateway.chat.withState { $0.failure = Problem(.notSent, of: .command) }
            let answer = try await pair.ada.submit("/chatwithme/bob/messages/1/edit", ["text": "kept", "rev": "1"])
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.text.contains("Nothing was changed, because the server is not complete"))
            #expect(answer.text.contains("action=\"/chatwithme/bob/messages/1/edit\" id=\"composer\""))
            #expect(answer.text.contains(">\nkept</textarea>"))
            #expect(field("rev", in: try composer(in: answer.text)) == "1")
        }
    }

    @Test func `a message is deleted after a confirmation, and every quote of it is empty`() async throws {
        try await MessageChangeTests.withPair { pair in
            _ = try await pair.answer("1", by: pair.bob)
            let quoting = try item(3, in: try await pair.ada.get("/chatwithme/bob").text)
            #expect(
                quoting.contains(
                    "<a class=\"quote\" href=\"#m1\"><span class=\"visually-hidden\">In reply to </span>"
                        + "<span class=\"quote-name\"><bdi>You</bdi></span>"
                        + "<span class=\"quote-text\" dir=\"auto\">first</span></a>"))
            let page = try await pair.ada.get("/chatwithme/bob?delete=1").text
            #expect(try composer(in: page).contains("Delete this message for everybody?"))
            #expect(page.contains("action=\"/chatwithme/bob/messages/1/delete\" id=\"composer\""))
            #expect(!page.contains("<textarea"))
            for _ in 0..<2 {
                let deleted = try await pair.ada.submit("/chatwithme/bob/messages/1/delete", [:])
                #expect(deleted.status == .seeOther && deleted.headers[.location] == "/chatwithme/bob?at=1#m1")
            }
            let after = try await pair.ada.get("/chatwithme/bob").text
            #expect(after.contains("<li class=\"message mine deleted first last timed ticked marked\" id=\"m1\""))
            let tombstone = try item(1, in: after)
            #expect(tombstone.contains("</svg>Message deleted</p>"))
            #expect(tombstone.contains("copy-link\""))
            for action in ["react", "reply", "edit", "delete"] { #expect(!tombstone.contains("?\(action)=1")) }
            #expect(try item(3, in: after).contains("<span class=\"quote-text gone\">Message deleted</span>"))
            #expect(!after.contains(">first<"))
            // The newest one, too.
            #expect(try await pair.bob.submit("/chatwithme/ada/messages/3/delete", [:]).status == .seeOther)
            let list = try await pair.ada.get("/chatwith").text
            #expect(list.contains("<span class=\"item-preview\" dir=\"auto\">Message deleted</span>"))
            #expect(try await pair.ada.submit("/chatwithme/bob/messages/2/delete", [:]).status == .forbidden)
        }
    }

    @Test func `a deleted message is not unread, and the line before what is new leaves it out`() async throws {
        try await MessageChangeTests.withPair { pair in
            _ = try await pair.bob.say("third", in: pair.conversation)
            _ = try await pair.bob.send(.delete, pair.path(2))
            let page = try await pair.ada.get("/chatwithme/bob").text
            #expect(page.contains("<span>1 new message</span>"))
            let line = try #require(page.firstRange(of: "id=\"new\""))
            let tombstone = try #require(page.firstRange(of: "id=\"m2\""))
            #expect(tombstone.lowerBound < line.lowerBound)
        }
    }

    @Test func `an answer is written below what it answers`() async throws {
        try await MessageChangeTests.withPair { pair in
            let page = try await pair.ada.get("/chatwithme/bob?reply=2").text
            let form = try composer(in: page)
            #expect(
                form.contains("data-mode=\"reply\" data-seq=\"2\">")
                    && form.contains("<strong>Reply to <bdi>bob</bdi></strong>"))
            #expect(form.contains("<span class=\"quote-text\" dir=\"auto\">second</span>"))
            let id = try #require(field("clientMessageId", in: form))
            let fields = ["clientMessageId": id, "replyTo": "2", "text": ""]
            let refused = try await pair.ada.submit("/chatwithme/bob", fields)
            #expect(refused.status == .unprocessableContent)
            #expect(field("replyTo", in: refused.text) == "2" && field("clientMessageId", in: refused.text) == id)
            for _ in 0..<2 {
                let sent = try await pair.ada.submit(
                    "/chatwithme/bob", fields.merging(["text": "an answer"]) { $1 })
                #expect(sent.headers[.location] == "/chatwithme/bob#newest")
            }
            let answer = try item(3, in: try await pair.bob.get("/chatwithme/ada").text)
            #expect(answer.contains("<span class=\"quote-name\"><bdi>You</bdi></span>") && answer.contains(">second<"))
            let unknown = try await pair.ada.submit(
                "/chatwithme/bob",
                ["clientMessageId": ClientMessageID.random().description, "replyTo": "99", "text": "kept"])
            #expect(unknown.status == .unprocessableContent)
            #expect(unknown.text.contains("The message to answer does not exist.") && unknown.text.contains(">kept</"))
        }
    }

    @Test func `reactions are buttons below the message`() async throws {
        try await MessageChangeTests.withPair { pair in
            let choice = try await pair.ada.get("/chatwithme/bob?react=2").text
            let form = try composer(in: choice)
            #expect(form.components(separatedBy: "class=\"reaction\"").count == 7)
            #expect(form.contains("aria-pressed=\"false\" title=\"React with 👍\""))
            let path = "/chatwithme/bob/messages/2/react"
            for _ in 0..<2 {
                let set = try await pair.ada.submit(path, ["emoji": "👍", "wanted": "on"])
                #expect(set.status == .seeOther && set.headers[.location] == "/chatwithme/bob?at=2#m2")
            }
            #expect(try await pair.bob.send(.put, pair.reaction("👍", to: 2)).status == .ok)
            let page = try await pair.ada.get("/chatwithme/bob").text
            let reacted = try item(2, in: page)
            #expect(reacted.contains("<ul class=\"reactions\" aria-label=\"Reactions\">"))
            #expect(reacted.contains("<form method=\"post\" action=\"\(path)\">"))
            #expect(
                reacted.contains(
                    "<button class=\"reaction mine\" type=\"submit\" aria-pressed=\"true\" title=\"You, bob\" "
                        + "aria-label=\"👍 2, You and bob\"><span class=\"emoji\">👍</span> <span class=\"count\">2</span>"
                ))
            #expect(field("wanted", in: reacted) == "off")
            #expect(try composer(in: try await pair.ada.get("/chatwithme/bob?react=2").text).contains("Take 👍 back"))
            for _ in 0..<2 {
                #expect(try await pair.ada.submit(path, ["emoji": "👍", "wanted": "off"]).status == .seeOther)
            }
            let one = try item(2, in: try await pair.ada.get("/chatwithme/bob").text)
            #expect(one.contains("aria-label=\"👍 1, bob\"") && one.contains("class=\"reaction\" type"))
            #expect(!one.contains("reaction mine"))
            for emoji in ["ok", "👍👍", "", String(repeating: "👍", count: 2_560)] {
                let refused = try await pair.ada.submit(path, ["emoji": emoji, "wanted": "on"])
                #expect(refused.status == .unprocessableContent)
                #expect(refused.text.contains("A reaction is exactly one emoji."))
                #expect(refused.text.contains("class=\"quick-reactions\""))
            }
        }
    }

    @Test func `a form for what cannot be done says why, and the page is there`() async throws {
        try await MessageChangeTests.withPair { pair in
            _ = try await pair.bob.send(.delete, pair.path(2))
            let line = pair.gateway.chat.withState { state in
                state.addSystemLine("A line", to: pair.conversation, by: pair.adaUser.id)
            }
            for (query, status) in [
                ("edit=2", 403), ("delete=2", 403), ("react=2", 410), ("reply=2", 410), ("edit=99", 404),
                ("reply=99", 404), ("edit=\(line)", 409), ("delete=\(line)", 409), ("reply=\(line)", 409),
                ("edit=x", 200),
                ("edit=0", 200),
            ] {
                let page = try await pair.ada.get("/chatwithme/bob?\(query)")
                #expect(page.status.code == status, "\(query)")
                #expect(page.text.contains("action=\"/chatwithme/bob\" id=\"composer\""), "\(query)")
                #expect(page.text.contains("class=\"notice error\"") == (status != 200), "\(query)")
            }
        }
    }

    @Test func `forms take a form of this site, a session and their allowance`() async throws {
        try await MessageChangeTests.withPair({ $0.sendRate = Rate(perSecond: 0.001, burst: 1) }) { pair in
            let forms = [("edit", ["text": "kept text", "rev": "1"]), ("delete", [:]), ("react", ["emoji": "👍"])]
            for (name, fields) in forms {
                let path = "/chatwithme/bob/messages/1/\(name)"
                let foreign = try await pair.ada.send(
                    .post, path, body: "text=x&rev=1&emoji=x", type: "application/x-www-form-urlencoded",
                    headers: [.secFetchSite: "cross-site"])
                #expect(foreign.status == .forbidden)
                let stranger = try await pair.ada.other().submit(path, fields)
                #expect(stranger.headers[.location] == "/signin?next=%2Fchatwithme%2Fbob")
                // Her one message was sent.
                let limited = try await pair.ada.submit(path, fields)
                #expect(limited.status == .tooManyRequests)
                #expect(limited.text.contains("Nothing was changed, because you are sending faster"))
                if name == "edit" { #expect(limited.text.contains(">\nkept text</textarea>")) }
                #expect(try await pair.ada.submit("/chatwithme/nobody/messages/1/\(name)", fields).status == .notFound)
                #expect(try await pair.ada.submit("/chatwithme/bob/messages/x/\(name)", fields).status == .notFound)
            }
            pair.gateway.chat.withState { state in
                #expect(state.messages[pair.conversation]?.map(\.rev) == [1, 2])
            }
        }
    }

    // MARK: Opening around a message

    @Test func `a permalink leads to the message in the reader's own conversation`() async throws {
        try await MessageChangeTests.withPair { pair in
            for (reader, other) in [(pair.ada, "bob"), (pair.bob, "ada")] {
                let message = try await reader.get("/c/\(pair.conversation)?at=2")
                #expect(message.status == .seeOther)
                #expect(message.headers[.location] == "/chatwithme/\(other)?at=2#m2")
                // Browsers take the fragment along.
                let conversation = try await reader.get("/c/\(pair.conversation)")
                #expect(conversation.headers[.location] == "/chatwithme/\(other)")
            }
            let eve = pair.ada.other()
            try await eve.register("eve")
            let foreign = try await eve.get("/c/\(pair.conversation)?at=2")
            #expect(foreign.status == .notFound && foreign.text.contains("Nothing has landed here"))
            let nothing = try await eve.get("/c/\(ConversationID.random())")
            #expect(nothing.status == .notFound && !nothing.text.contains("Try again"))
            #expect(try await eve.get("/c/short").status == .notFound)
            let stranger = try await eve.other().get("/c/\(pair.conversation)?at=2")
            #expect(stranger.headers[.location] == "/signin?next=%2Fc%2F\(pair.conversation)%3Fat%3D2")
        }
    }

    @Test func `a page opens around a message, whatever was changed around it`() async throws {
        try await MessageChangeTests.withPair({ $0.sendRate = Rate(perSecond: 10_000, burst: 10_000) }) { pair in
            for number in 3...200 {
                try await pair.ada.say("message \(number).", in: pair.conversation)
                if number.isMultiple(of: 3) { _ = try await pair.bob.send(.put, pair.reaction("👍", to: 1)) }
                if number.isMultiple(of: 3) { _ = try await pair.bob.send(.delete, pair.reaction("👍", to: 1)) }
            }
            let seqs = pair.gateway.chat.withState { $0.messages[pair.conversation]!.map(\.seq) }
            for place in [0, 1, 30, 100, 150, 175, 199] {
                let seq = seqs[place]
                let page = try await pair.ada.get("/chatwithme/bob?at=\(seq)").text
                _ = try item(seq, in: page)
                let shown = seqs.filter { page.contains(" id=\"m\($0)\"") }
                #expect(shown.count <= ChatPageReader.messagesPerPage)
                let first = try #require(seqs.firstIndex(of: shown[0]))
                #expect(shown == Array(seqs[first..<(first + shown.count)]))
                if place >= 30, place <= 175 { #expect(shown.first! < seq && shown.last! > seq) }
                #expect(page.contains("?after=") == (shown.last != seqs.last))
                #expect(page.contains("?before=") == (shown.first != seqs.first))
            }
            _ = try await pair.answer("1", by: pair.bob)
            let newest = try await pair.ada.get("/chatwithme/bob?at=newest").text
            #expect(newest.contains("<a class=\"quote\" href=\"/chatwithme/bob?at=1#m1\">"))
        }
    }
}
