import FaultChecker
import FaultHistory
import Testing

/// I18 and I19: what changes make of messages, and what they do to unread counts.
@Suite("The checker, on changes")
struct ChangeTests {
    @Test func `An edit, a deletion, a reply and a reaction that everybody saw violate nothing`() throws {
        var scene = Scene()
        for (number, id) in ["a", "b"].enumerated() {
            scene.send(id, seq: Int64(number + 1))
            scene.viewOnBoth(id, seq: Int64(number + 1))
        }
        scene.summary(head: 2, unread: 2)
        scene.edit("a", 1, to: "x", of: 1, rev: 3)
        let edited = Scene.changed("a", seq: 1, rev: 3, text: "x", edit: 3)
        scene.viewChangeOnBoth(edited)
        scene.delete("b", 2, rev: 4)
        let deleted = Scene.changed("b", seq: 2, rev: 4, deleted: true)
        scene.viewChangeOnBoth(deleted)
        let (op, _) = scene.ask(.react, 1, as: "r", by: "ben.1", emoji: "👍")
        let liked = Scene.changed("a", seq: 1, rev: 5, text: "x", edit: 3, reactions: ["👍": ["ben"]])
        scene.answer(op, liked, by: "ben.1")
        scene.viewChangeOnBoth(liked)
        scene.restore(liked)
        scene.restore(deleted)
        scene.summary(head: 5, unread: 1)
        scene.catchUp(from: 2, to: 5, [deleted, liked])
        scene.pass(20)
        scene.add(.note(Note(text: "the end")))
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants.isEmpty, "\(TextReport(verdict))")
        #expect(verdict[.contiguity].decision == .kept && verdict[.unread].decision == .kept)
        for part in ["edits", "deletions", "tombstones", "reactions", "texts"] {
            #expect(verdict[.changes, part] == .kept, "\(part)")
        }
    }

    // MARK: Edits

    @Test func `I18: an acknowledged edit whose text is not there is lost`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let lost = scene.edit("a", 1, to: "x", of: 1, rev: 2)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.changes) == [lost.invoked, lost.answered])
        #expect(verdict[.stability, "final read"] == .violated)
    }

    @Test func `I18: an edit may be followed by another, but not undone by one that replaces an earlier text`() throws {
        for isWrong in [false, true] {
            var scene = Scene()
            scene.send("a", seq: 1)
            scene.edit("a", 1, to: "x", of: 1, rev: 2)
            let (op, _) = scene.ask(.edit, 1, as: "y", text: "y", of: isWrong ? 1 : 2)
            scene.lose(op)
            scene.restore(Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3))
            #expect(try scene.verdict().violatedInvariants == (isWrong ? [.changes] : []))
        }
    }

    @Test func `I18: of two edits of one text one wins`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let first = scene.edit("a", 1, to: "x", of: 1, rev: 2)
        let second = scene.edit("a", 1, to: "y", of: 1, rev: 3)
        scene.restore(Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3))
        let verdict = try scene.verdict()
        #expect(
            verdict.piece(.changes) == [first.invoked, first.answered, second.invoked, second.answered])
    }

    @Test(arguments: [true, false])
    func `I18: an edit with an unknown outcome may be there or not`(isThere: Bool) throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let (op, _) = scene.ask(.edit, 1, as: "x", text: "x", of: 1)
        scene.lose(op)
        if isThere { scene.restore(Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2)) }
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test(arguments: [true, false])
    func `I18: who is told that somebody was faster is shown what that one wrote`(isShown: Bool) throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.edit("a", 1, to: "x", of: 1, rev: 2)
        let edited = Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2)
        scene.restore(edited)
        let (op, invoked) = scene.ask(.edit, 1, as: "y", text: "y", of: 1)
        let refused = scene.add(
            .refused(
                Refused(
                    op: op, status: 409, code: "conflict",
                    present: isShown ? edited : Scene.message("a", seq: 1))))
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == (isShown ? [] : [.changes]))
        #expect(isShown || verdict.piece(.changes) == [invoked, refused])
    }

    @Test func `I18: one number writes one text`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        let edit = scene.edit("a", 1, to: "x", of: 1, rev: 2)
        let (op, _) = scene.ask(.edit, 1, as: "y", text: "y", of: 1)
        scene.lose(op)
        scene.restore(Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2))
        let seen = scene.viewChange(Scene.changed("a", seq: 1, rev: 2, text: "y", edit: 2))
        let verdict = try scene.verdict()
        #expect(verdict.piece(.changes) == [edit.answered, seen])
        #expect(verdict.piece(.agreement) == [edit.answered, seen])
    }

    @Test func `I3: a text that somebody else wrote, or nobody, or whose writer was refused, is a phantom`() throws {
        for writer in ["ben.1", nil, "ada.1"] {
            var scene = Scene()
            scene.send("a", seq: 1)
            let (op, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
            scene.lose(op)
            if let writer {
                let (op, _) = scene.ask(.edit, 1, as: "x", by: writer, text: "x", of: 1)
                if writer == "ada.1" {
                    scene.add(.refused(Refused(op: op, status: 503, code: "busy", retryAfter: 1)))
                } else {
                    scene.lose(op, by: writer)
                }
            }
            scene.restore(Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2))
            #expect(try scene.verdict().violatedInvariants == [.noPhantom])
        }
    }

    // MARK: Deletions

    @Test func `I18: an acknowledged deletion is there, and nothing is left of the text`() throws {
        for stored in [
            nil,
            SeenMessage(
                seq: 1, rev: 2, sender: "ada", id: "a", hash: TextHash.of("a"), state: Alterations(deleted: true)),
        ] {
            var scene = Scene()
            scene.send("a", seq: 1)
            let (op, invoked) = scene.ask(.delete, 1, as: "d")
            let answered = scene.answer(op)
            if let stored { scene.restore(stored) }
            let verdict = try scene.verdict()
            #expect(verdict.violatedInvariants == [.changes])
            if stored == nil { #expect(verdict.piece(.changes) == [invoked, answered]) }
        }
    }

    @Test func `I18: what was seen deleted is never seen again`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.viewOnBoth("a", seq: 1)
        let deletion = scene.delete("a", 1, rev: 2)
        scene.restore(Scene.changed("a", seq: 1, rev: 2, deleted: true))
        let (op, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
        scene.lose(op)
        let seen = scene.viewChange(Scene.changed("a", seq: 1, rev: 3, reactions: ["👍": ["ada"]]))
        #expect(try scene.verdict().piece(.changes) == [deletion.answered, seen])
    }

    @Test func `I18: nothing is acknowledged that was asked for after the deletion`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let deletion = scene.delete("a", 1, rev: 2)
        scene.restore(Scene.changed("a", seq: 1, rev: 2, deleted: true))
        let (op, invoked) = scene.ask(.react, 1, as: "r", emoji: "👍")
        let answered = scene.answer(op)
        let verdict = try scene.verdict()
        #expect(verdict.piece(.changes) == [deletion.answered, invoked, answered])
        #expect(verdict.violatedInvariants == [.changes])
    }

    // MARK: Reactions and quotes

    @Test(arguments: [true, false])
    func `I18: the last acknowledged word about a reaction counts`(isThere: Bool) throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let (first, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
        scene.answer(first, Scene.changed("a", seq: 1, rev: 2, reactions: ["👍": ["ada"]]))
        let (second, _) = scene.ask(.unreact, 1, as: "u", emoji: "👍")
        scene.answer(second, Scene.changed("a", seq: 1, rev: 3))
        scene.restore(Scene.changed("a", seq: 1, rev: 3, reactions: isThere ? ["👍": ["ada"]] : [:]))
        let verdict = try scene.verdict()
        #expect(verdict[.changes, "reactions"] == (isThere ? .violated : .kept))
        #expect(verdict.violatedInvariants == (isThere ? [.changes, .agreement] : []))
    }

    @Test func `I18: an acknowledged reaction that is not there is lost`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let (op, invoked) = scene.ask(.react, 1, as: "r", emoji: "👍")
        let answered = scene.answer(op)
        scene.restore(Scene.changed("a", seq: 1, rev: 2))
        let verdict = try scene.verdict()
        #expect(verdict.piece(.changes) == [invoked, answered])
        #expect(verdict.violatedInvariants == [.changes])
    }

    @Test(arguments: [true, false], [true, false])
    func `I18: reactions that were asked for at once, or whose outcome nobody knows, may be there or not`(
        isThere: Bool, isUnknown: Bool
    ) throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let (first, _) = scene.ask(.react, 1, as: "r", by: "ada.1", emoji: "👍")
        if isUnknown { scene.lose(first) }
        let (second, _) = scene.ask(.unreact, 1, as: "u", by: "ada.2", emoji: "👍")
        scene.answer(second, by: "ada.2")
        if !isUnknown { scene.answer(first) }
        scene.restore(Scene.changed("a", seq: 1, rev: isThere ? 2 : 3, reactions: isThere ? ["👍": ["ada"]] : [:]))
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I3 and I18: a reaction that its user never asked for, and a seventeenth kind`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        var reactions: [String: [String]] = [:]
        for number in 0..<17 {
            let emoji = "\(number)"
            let (op, _) = scene.ask(.react, 1, as: "r\(number)", emoji: emoji)
            scene.lose(op)
            reactions[emoji] = ["ada"]
        }
        scene.restore(Scene.changed("a", seq: 1, rev: 18, reactions: reactions))
        #expect(try scene.verdict().violatedInvariants == [.changes])
        scene.restore(Scene.changed("a", seq: 1, rev: 18, reactions: ["1": ["ben"]]))
        #expect(try scene.verdict().violatedInvariants == [.noPhantom])
    }

    @Test func `I18: a reply quotes what it was sent as an answer to, unless that was deleted`() throws {
        for (quoted, isDeleted) in [(1, false), (nil, false), (2, false), (nil, true)] as [(Int64?, Bool)] {
            var scene = Scene()
            scene.send("a", seq: 1)
            if isDeleted {
                scene.delete("a", 1, rev: 2)
                scene.restore(Scene.changed("a", seq: 1, rev: 2, deleted: true))
            }
            let seq: Int64 = isDeleted ? 3 : 2
            let op = scene.operation()
            scene.add(
                .sendInvoked(
                    SendInvoked(
                        op: op, conversation: "c", user: "ada", session: "ada.1", id: "b", hash: TextHash.of("b"),
                        gateway: "g1", attempt: 1, replyTo: 1)))
            scene.add(.unknown(OutcomeUnknown(op: op, reason: "timeout")))
            scene.restore(Scene.changed("b", seq: seq, rev: seq, replyTo: quoted))
            let isRight = quoted == 1 || isDeleted
            #expect(try scene.verdict().violatedInvariants == (isRight ? [] : [.changes]))
        }
    }

    // MARK: Unread

    @Test func `I19: a tombstone is not unread, one's own messages are not, and everything else is`() throws {
        for (head, read, expected) in [(4, 0, 1), (3, 0, 2), (4, 1, 1), (4, 2, 0), (2, 1, 1)] as [(Int64, Int64, Int64)]
        {
            for told in [expected, expected + 1, expected - 1] {
                var scene = Scene()
                scene.send("a", seq: 1)
                scene.send("b", seq: 2)
                scene.send("x", seq: 3, by: "ben.1")
                scene.delete("a", 1, rev: 4)
                scene.restore(Scene.changed("a", seq: 1, rev: 4, deleted: true))
                let sync = scene.summary(head: head, read: read, unread: told)
                let verdict = try scene.verdict()
                #expect(verdict[.unread].decision == (told == expected ? .kept : .violated))
                if told != expected { #expect(verdict.piece(.unread) == [sync.invoked, sync.answered]) }
            }
        }
    }
}
