import FaultChecker
import FaultHistory
import Testing

/// I4 to I11 where numbers belong to changes as well as to messages.
@Suite("The checker, on numbers of changes")
struct ChangedNumberTests {
    /// One message with the number 1 that is stored as changed by 3.
    private func scene(_ body: (inout Scene) -> Void) -> Scene {
        var scene = Scene()
        scene.send("a", seq: 1)
        body(&scene)
        scene.restore(Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3))
        return scene
    }

    @Test func `I4: a number that a later change of the same message replaced has to be explained`() throws {
        let seen = scene { scene in
            scene.edit("a", 1, to: "x", of: 1, rev: 2)
            scene.edit("a", 1, to: "y", of: 2, rev: 3)
        }
        #expect(try seen.verdict().violatedInvariants.isEmpty)
        let unknown = scene { scene in
            for (text, number) in [("x", 1), ("y", 2)] as [(String, Int64)] {
                let (op, _) = scene.ask(.edit, 1, as: text, text: text, of: number)
                scene.lose(op)
            }
        }
        #expect(try unknown.verdict().violatedInvariants.isEmpty)
        let unexplained = scene { scene in
            let (op, _) = scene.ask(.edit, 1, as: "y", text: "y", of: 1)
            scene.lose(op)
        }
        let verdict = try unexplained.verdict()
        #expect(verdict.violatedInvariants == [.contiguity])
        #expect(verdict[.contiguity].violations.first?.sentence.contains("has no number 2") == true)
    }

    @Test func `I4: a change cannot have got a number that had been seen when it was asked for`() throws {
        let scene = scene { scene in
            scene.edit("a", 1, to: "y", of: 1, rev: 3)
            let (op, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
            scene.lose(op)
        }
        #expect(try scene.verdict().violatedInvariants == [.contiguity])
    }

    @Test func `I4: a change that was refused every time explains nothing`() throws {
        let scene = scene { scene in
            let (first, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
            scene.add(.refused(Refused(op: first, status: 503, code: "busy", retryAfter: 1)))
            let (second, _) = scene.ask(.edit, 1, as: "y", text: "y", of: 1)
            scene.lose(second)
        }
        #expect(try scene.verdict().violatedInvariants == [.contiguity])
    }

    @Test func `I4: no number is a message and a change, or a change of two messages`() throws {
        for rev in [2, 3] as [Int64] {
            var scene = Scene()
            for (number, id) in ["a", "b"].enumerated() { scene.send(id, seq: Int64(number + 1)) }
            for seq in [1, 2] as [Int64] {
                let (op, _) = scene.ask(.react, seq, as: "r\(seq)", emoji: "👍")
                scene.lose(op)
            }
            scene.restore(Scene.changed("a", seq: 1, rev: rev, reactions: ["👍": ["ada"]]))
            if rev == 3 { scene.restore(Scene.changed("b", seq: 2, rev: 3, reactions: ["👍": ["ada"]])) }
            #expect(try scene.verdict().violatedInvariants == [.contiguity])
        }
    }

    @Test func `I4: nobody may see one number at two messages`() throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        let second = scene.send("b", seq: 2)
        let (op, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
        scene.lose(op)
        scene.restore(Scene.changed("a", seq: 1, rev: 3, reactions: ["👍": ["ada"]]))
        scene.viewOnBoth("a", seq: 1)
        scene.viewOnBoth("b", seq: 2)
        let seen = scene.viewChange(Scene.changed("a", seq: 1, rev: 2, reactions: ["👍": ["ada"]]))
        #expect(try scene.verdict()[.contiguity, "sightings"] == .violated)
        #expect(
            try scene.verdict()[.contiguity].parts.last?.violations.first?.evidence.compactMap(\.line)
                == [second.answered, seen])
    }

    @Test func `I4: the marker of each change is there; the last one says what the message is, the others are spent`()
        throws
    {
        typealias Marker = StoredConversation.Marker
        let message = Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3)
        let replaced = Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2)
        let spent = Marker(number: 2, seq: 1)
        let good = Marker(number: 3, seq: 1, previous: 2, message: message)
        for (markers, isRight) in [
            ([spent, good], true), ([good], false), ([spent], false), ([], false),
            ([spent, good, Marker(number: 4, seq: 1)], false), ([Marker(number: 1, seq: 1), spent, good], false),
            ([Marker(number: 2, seq: 7), good], false), ([spent, good, good], false),
            ([Marker(number: 2, seq: 1, previous: 1, message: replaced), good], false),
            ([spent, Marker(number: 3, seq: 1)], false),
            ([spent, Marker(number: 3, seq: 1, previous: 1, message: message)], false),
            ([spent, Marker(number: 3, seq: 1, previous: 2, message: replaced)], false),
        ] {
            var scene = scene { scene in
                scene.edit("a", 1, to: "x", of: 1, rev: 2)
                scene.edit("a", 1, to: "y", of: 2, rev: 3)
                let (op, _) = scene.ask(.react, 1, as: "r", emoji: "👍")
                scene.lose(op)
            }
            scene.final.conversations[0].markers = markers
            #expect(try scene.verdict().violatedInvariants == (isRight ? [] : [.contiguity]), "\(markers)")
        }
    }

    @Test func `I4: with the markers read, no change that was only asked for explains a number without one`() throws {
        var scene = scene { scene in
            for (text, number) in [("x", 1), ("y", 2)] as [(String, Int64)] {
                let (op, _) = scene.ask(.edit, 1, as: text, text: text, of: number)
                scene.lose(op)
            }
        }
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        scene.final.conversations[0].markers = [
            .init(
                number: 3, seq: 1, previous: 1, message: Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3))
        ]
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.contiguity])
        #expect(verdict[.contiguity].violations.first?.sentence.contains("has no number 2") == true)
    }

    @Test func `I19: a conversation's own counts follow from the messages up to the number that it names`() throws {
        var scene = Scene()
        for (number, id) in ["a", "b", "d"].enumerated() { scene.send(id, seq: Int64(number + 1)) }
        scene.delete("b", 2, rev: 4)
        scene.restore(Scene.changed("b", seq: 2, rev: 4, deleted: true))
        scene.final.conversations[0].members[1] = .init(user: "ben", received: 3, read: 2)
        func isRight(
            _ head: Int64, _ messages: Int64, sent: Int64, read: Int64, last: SeenMessage? = Scene.message("d", seq: 3)
        ) throws -> Bool {
            var scene = scene
            scene.final.conversations[0].summary = .init(
                head: head, messages: messages, sent: ["ada": sent, "ben": 0], readOfOthers: ["ada": 0, "ben": read],
                last: last)
            let violated = try scene.verdict().violatedInvariants
            #expect(violated.isSubset(of: [.unread]))
            return violated.isEmpty
        }
        #expect(try isRight(4, 2, sent: 2, read: 1))
        #expect(try isRight(3, 3, sent: 3, read: 2), "the deletion is above the head")
        #expect(try isRight(1, 1, sent: 1, read: 1, last: Scene.message("a", seq: 1)))
        #expect(try isRight(0, 0, sent: 0, read: 0, last: nil))
        #expect(try !isRight(4, 3, sent: 2, read: 1))
        #expect(try !isRight(4, 2, sent: 3, read: 1))
        #expect(try !isRight(4, 2, sent: 2, read: 2))
        #expect(try !isRight(4, 2, sent: 2, read: 1, last: Scene.message("b", seq: 2)))
        #expect(try !isRight(4, 2, sent: 2, read: 1, last: nil))
        scene.final.conversations[0].members[1] = .init(user: "ben", received: 1, read: 2)
        #expect(try !isRight(4, 2, sent: 2, read: 1), "nobody can have read what they have not received")
    }

    @Test func `I4: the conversation's own head is the last number`() throws {
        var scene = scene { scene in
            scene.edit("a", 1, to: "x", of: 1, rev: 2)
            scene.edit("a", 1, to: "y", of: 2, rev: 3)
        }
        scene.final.conversations[0].head = 3
        #expect(try scene.verdict().violatedInvariants.isEmpty)
        scene.final.conversations[0].head = 4
        #expect(try scene.verdict().violatedInvariants == [.contiguity])
    }

    @Test func `I1 and I9: a repeat after an edit answers with the message as it is now`() throws {
        let scene = scene { scene in
            scene.edit("a", 1, to: "x", of: 1, rev: 2)
            scene.edit("a", 1, to: "y", of: 2, rev: 3)
            let (op, _) = scene.invoke("a", attempt: 2)
            let now = Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3)
            scene.add(
                .sendAcknowledged(
                    SendAcknowledged(
                        op: op, seq: 1, rev: 3, sender: "ada", id: "a", hash: now.hash, state: now.state)))
        }
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I6: a page, a catch-up and the final read know every change that had been seen`() throws {
        let second = Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2)
        let third = Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3)
        for (page, caught, isRight) in [
            ([third], [third], true), ([second], [third], false), ([third], [], false), ([third], [second], false),
        ] {
            let scene = scene { scene in
                scene.edit("a", 1, to: "x", of: 1, rev: 2)
                scene.edit("a", 1, to: "y", of: 2, rev: 3)
                _ = scene.read(page)
                scene.catchUp(from: 2, to: 3, caught)
            }
            #expect(try scene.verdict().violatedInvariants == (isRight ? [] : [.stability]))
        }
    }

    @Test func `I6: a message that a catch-up brings may be ahead of its cursor, if something of it is in between`()
        throws
    {
        let third = Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3)
        for (from, to, isRight) in [(0, 2, true), (1, 2, true), (2, 2, false)] as [(Int64, Int64, Bool)] {
            var scene = Scene()
            scene.send("a", seq: 1)
            scene.edit("a", 1, to: "x", of: 1, rev: 2)
            let (op, _) = scene.ask(.edit, 1, as: "y", text: "y", of: 2)
            scene.catchUp(from: from, to: to, [third])
            scene.answer(op, third)
            scene.restore(third)
            scene.final.conversations[0].markers = [
                .init(number: 2, seq: 1), .init(number: 3, seq: 1, previous: 2, message: third),
            ]
            #expect(try scene.verdict().violatedInvariants == (isRight ? [] : [.stability]), "\(from) to \(to)")
        }
    }

    @Test func `I7: a message that is sent when a change had been seen gets a higher number than that`() throws {
        for (seq, rev) in [(3, 2), (2, 3)] as [(Int64, Int64)] {
            var scene = Scene()
            scene.send("a", seq: 1)
            scene.edit("a", 1, to: "x", of: 1, rev: rev)
            scene.restore(Scene.changed("a", seq: 1, rev: rev, text: "x", edit: rev))
            scene.send("b", seq: seq)
            #expect(try scene.verdict().violatedInvariants == (seq > rev ? [] : [.realTimeOrder]))
        }
    }

    @Test func `I10: a tab replaces what it shows by later states only, and passes over numbers of changes`() throws {
        let second = Scene.changed("a", seq: 1, rev: 2, text: "x", edit: 2)
        let third = Scene.changed("a", seq: 1, rev: 3, text: "y", edit: 3)
        for (states, isRight) in [([second, third], true), ([third, second], false), ([third, third], false)] {
            var scene = scene { scene in
                scene.edit("a", 1, to: "x", of: 1, rev: 2)
                scene.edit("a", 1, to: "y", of: 2, rev: 3)
            }
            scene.view("a", seq: 1)
            for state in states { scene.viewChange(state) }
            scene.send("b", seq: 4)
            scene.view("b", seq: 4)
            #expect(try scene.verdict().violatedInvariants == (isRight ? [] : [.view]))
        }
    }

    @Test(arguments: [true, false])
    func `I10: what was changed before a tab heard of it may come late; anything else may not`(isChanged: Bool) throws {
        var scene = Scene()
        scene.send("a", seq: 1)
        scene.send("b", seq: 2)
        let (op, _) = scene.ask(.react, isChanged ? 1 : 2, as: "r", emoji: "👍")
        scene.lose(op)
        let changed = Scene.changed("a", seq: 1, rev: 3, reactions: ["👍": ["ada"]])
        if isChanged { scene.restore(changed) }
        scene.view("b", seq: 2)
        scene.add(
            .viewed(
                Viewed(
                    conversation: "c", seq: 1, rev: isChanged ? 3 : 1, sender: "ada", id: "a", hash: TextHash.of("a"),
                    via: .sync, state: isChanged ? changed.state : nil)),
            by: "ben.1")
        #expect(try scene.verdict().violatedInvariants == (isChanged ? [] : [.view]))
    }

    @Test(arguments: [true, false])
    func `I11: a tab that missed the last change has not converged`(isHeard: Bool) throws {
        var scene = Scene()
        for (number, id) in ["a", "b"].enumerated() {
            scene.send(id, seq: Int64(number + 1))
            scene.viewOnBoth(id, seq: Int64(number + 1))
        }
        scene.edit("a", 1, to: "x", of: 1, rev: 3)
        let edited = Scene.changed("a", seq: 1, rev: 3, text: "x", edit: 3)
        scene.restore(edited)
        scene.viewChange(edited, on: "ada.1")
        if isHeard { scene.viewChange(edited) }
        scene.send("d", seq: 4)
        scene.viewOnBoth("d", seq: 4)
        scene.pass(20)
        scene.add(.note(Note(text: "the end")))
        #expect(try scene.verdict().violatedInvariants == (isHeard ? [] : [.convergence]))
    }

    @Test func `I13: who is no member may neither change a message nor catch up with it`() throws {
        let scene = scene { scene in
            scene.edit("a", 1, to: "x", of: 1, rev: 2)
            scene.edit("a", 1, to: "y", of: 2, rev: 3)
            let (op, _) = scene.ask(.unreact, 1, as: "u", by: "eve.1", emoji: "👍")
            scene.answer(op, by: "eve.1")
        }
        #expect(try scene.verdict().violatedInvariants == [.isolation])
    }
}
