import FaultChecker
import FaultHistory
import Testing

/// I13, I1 and I4 for groups whose members come and go.
@Suite("The checker, on groups")
struct GroupTests {
    /// Ada owns group `g`, with ben; ben is removed by number 4 and added again by number 6.
    private static let stored = StoredGroup(
        conversation: "g",
        entries: [
            .init(seq: 1, sender: "ada", id: "1", line: .init(kind: "created", users: ["ben", "cem"])),
            .init(seq: 2, sender: "ada", id: "2"), .init(seq: 3, sender: "cem", id: "3"),
            .init(seq: 4, sender: "ada", id: "4", line: .init(kind: "removed", users: ["ben"])),
            .init(seq: 5, sender: "ada", id: "5"),
            .init(seq: 6, sender: "ada", id: "6", line: .init(kind: "added", users: ["ben"])),
            .init(seq: 7, sender: "ben", id: "7"),
        ],
        members: ["ada", "ben", "cem"])

    private var scene: Scene {
        var scene = Scene()
        scene.final.groups = [Self.stored]
        return scene
    }

    @Test func `what members hear, read and write is right`() throws {
        var scene = scene
        scene.hear(2, by: "ben")
        scene.ask(.history, by: "ben", shown: [1, 2, 3])
        scene.ask(.remove, by: "ada", subject: "ben", seq: 4)
        scene.hear(5, by: "cem")
        scene.ask(.history, by: "ben")
        scene.ask(.add, by: "ada", subject: "ben", seq: 6)
        scene.hear(6, by: "ben")
        scene.ask(.sync, by: "ben", shown: [6, 7])
        scene.ask(.send, by: "ben", id: "7", seq: 7)
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants.isEmpty)
        for part in ["group streams", "group answers", "removed members"] {
            #expect(verdict[.isolation, part] == .kept)
        }
        #expect(verdict[.durability, "groups"] == .kept && verdict[.contiguity, "groups"] == .kept)
    }

    @Test(arguments: [4, 5] as [Int64])
    func `I13: a stream brings what was written while somebody was no member`(seq: Int64) throws {
        var scene = scene
        let line = scene.hear(seq, by: "ben")
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.isolation])
        #expect(verdict.piece(.isolation) == [line])
    }

    @Test(arguments: [[5, 6], [2, 3, 6, 7], [4]] as [[Int64]])
    func `I13: a page shows more than the time of one membership`(shown: [Int64]) throws {
        var scene = scene
        let page = scene.ask(.history, by: "ben", shown: shown)
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.isolation])
        #expect(verdict.piece(.isolation) == [page.invoked, page.answered])
    }

    @Test(arguments: [GroupAsked.What.history, .members, .sync])
    func `I13: somebody is answered after the answer to the removal`(what: GroupAsked.What) throws {
        var scene = scene
        let removal = scene.ask(.remove, by: "ada", subject: "ben", seq: 4)
        let late = scene.ask(what, by: "ben", shown: [2, 3])
        let verdict = try scene.verdict()
        #expect(verdict.violatedInvariants == [.isolation])
        #expect(verdict.piece(.isolation) == [removal.answered, late.invoked, late.answered])
    }

    @Test func `I13: somebody who is no member writes`() throws {
        var scene = scene
        scene.final.groups?[0].entries[4].sender = "ben"
        scene.ask(.send, by: "ben", id: "5", seq: 5)
        #expect(try scene.verdict().violatedInvariants == [.isolation])
    }

    @Test func `an answer that was under way while they were added again proves nothing`() throws {
        var scene = scene
        scene.ask(.remove, by: "ada", subject: "ben", seq: 4)
        let look = scene.begin(.members, by: "ben")
        scene.begin(.add, by: "ada", subject: "ben")
        scene.end(look, .members, by: "ben")
        #expect(try scene.verdict().violatedInvariants.isEmpty)
    }

    @Test func `I1: an acknowledged entry is not stored, or the members are others than the lines tell`() throws {
        var scene = scene
        scene.ask(.send, by: "cem", id: "9", seq: 3)
        #expect(try scene.verdict().violatedInvariants == [.durability])
        scene = self.scene
        scene.ask(.add, by: "ada", subject: "ben", seq: 7)
        #expect(try scene.verdict().violatedInvariants == [.durability])
        scene = self.scene
        scene.final.groups?[0].members = ["ada", "cem"]
        #expect(try scene.verdict().violatedInvariants == [.durability])
    }

    @Test func `I4: a number is missing, or a message is there twice`() throws {
        var scene = scene
        scene.final.groups?[0].entries.remove(at: 1)
        #expect(try scene.verdict().violatedInvariants == [.contiguity])
        scene = self.scene
        scene.final.groups?[0].entries.append(.init(seq: 8, sender: "ben", id: "7"))
        #expect(try scene.verdict().violatedInvariants == [.contiguity])
    }
}

extension Scene {
    @discardableResult
    fileprivate mutating func hear(_ seq: Int64, by user: String) -> Int {
        add(
            .groupHeard(GroupHeard(user: user, gateway: "g1", conversation: "g", seq: seq)), by: "\(user).1")
    }

    @discardableResult
    fileprivate mutating func begin(
        _ what: GroupAsked.What, by user: String, subject: String? = nil, id: String? = nil
    ) -> (op: Int64, line: Int) {
        let op = operation()
        let line = add(
            .groupAsked(
                GroupAsked(
                    op: op, what: what, user: user, session: "\(user).1", gateway: "g1", conversation: "g",
                    subjects: subject.map { [$0] }, id: id)),
            by: "\(user).1")
        return (op, line)
    }

    @discardableResult
    fileprivate mutating func end(
        _ asked: (op: Int64, line: Int), _ what: GroupAsked.What, by user: String, seq: Int64? = nil,
        shown: [Int64]? = nil
    ) -> Int {
        add(
            .groupAnswered(GroupAnswered(op: asked.op, conversation: "g", seq: seq, shown: shown)), by: "\(user).1")
    }

    /// Asked and answered; refused if nothing is given that an answer would show.
    @discardableResult
    fileprivate mutating func ask(
        _ what: GroupAsked.What, by user: String, subject: String? = nil, id: String? = nil, seq: Int64? = nil,
        shown: [Int64]? = nil
    ) -> (invoked: Int, answered: Int) {
        let asked = begin(what, by: user, subject: subject, id: id)
        guard seq != nil || shown != nil else {
            return (asked.line, add(.refused(Refused(op: asked.op, status: 404, code: "not-found")), by: "\(user).1"))
        }
        return (asked.line, end(asked, what, by: user, seq: seq, shown: shown))
    }
}
