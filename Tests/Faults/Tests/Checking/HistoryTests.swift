import FaultHistory
import Foundation
import Testing

@Suite("The history's file")
struct HistoryTests {
    static let everyKind: [Event] = [
        .sendInvoked(
            SendInvoked(
                op: 1, conversation: "c", user: "u", session: "s", id: "i", hash: "h", gateway: "g", attempt: 1)),
        .sendAcknowledged(SendAcknowledged(op: 1, seq: 2, rev: 3, sender: "u", id: "i", hash: "h")),
        .changeInvoked(
            ChangeInvoked(
                op: 1, conversation: "c", seq: 2, user: "u", session: "s", gateway: "g", id: "e", attempt: 1,
                action: .edit, hash: "h", of: 2)),
        .changeAcknowledged(
            ChangeAcknowledged(
                op: 1,
                message: SeenMessage(
                    seq: 2, rev: 4, sender: "u", id: "i", hash: "h",
                    state: Alterations(edit: 4, reactions: ["👍": ["v", "u"]], replyTo: 1)))),
        .viewChanged(
            ViewChanged(
                conversation: "c",
                message: SeenMessage(
                    seq: 2, rev: 5, sender: "u", id: "i", hash: "h", state: Alterations(deleted: true)),
                via: .stream)),
        .catchUpInvoked(
            CatchUpInvoked(op: 1, user: "u", session: "s", gateway: "g", conversation: "c", cursor: 3)),
        .catchUpAnswered(CatchUpAnswered(op: 1, cursor: 5, reset: false, messages: [])),
        .viewed(Viewed(conversation: "c", seq: 1, rev: 1, sender: "u", id: "i", hash: "h", via: .answer)),
        .viewReset(ViewReset(conversation: "c", next: 7)),
        .tabConnected(TabConnected(user: "u", session: "s", gateway: "g", asked: 5)),
        .tabDisconnected(TabDisconnected(reason: "r")),
        .tabClosed,
        .gapHealed(GapHealed(conversation: "c", from: 1, to: 2)),
        .resyncReceived,
        .syncInvoked(SyncInvoked(op: 1, user: "u", session: "s", gateway: "g")),
        .syncAnswered(SyncAnswered(op: 1, cursors: ["c": 4], more: false)),
        .readInvoked(ReadInvoked(op: 1, user: "u", session: "s", gateway: "g", conversation: "c", before: 3)),
        .readAnswered(ReadAnswered(op: 1, messages: [SeenMessage(seq: 1, rev: 1, sender: "u", id: "i", hash: "h")])),
        .positionInvoked(PositionInvoked(op: 1, user: "u", session: "s", gateway: "g", conversation: "c", read: 3)),
        .positionAcknowledged(PositionAcknowledged(op: 1)),
        .settingsInvoked(
            SettingsInvoked(op: 1, user: "u", session: "s", gateway: "g", conversation: "c", version: 3)),
        .settingsAcknowledged(
            SettingsAcknowledged(op: 1, settings: SeenSettings(version: 4, pinnedAt: 5, archivedThrough: 6))),
        .groupAsked(
            GroupAsked(
                op: 1, what: .remove, user: "u", session: "s", gateway: "g", conversation: "c", subjects: ["v"],
                id: "i")),
        .groupAnswered(GroupAnswered(op: 1, conversation: "c", seq: 2, shown: [1, 2])),
        .groupHeard(GroupHeard(user: "u", gateway: "g", conversation: "c", seq: 2)),
        .signUpInvoked(SignUpInvoked(op: 1, username: "n", gateway: "g")),
        .signUpAcknowledged(SignUpAcknowledged(op: 1, user: "u", session: "s")),
        .signInInvoked(SignInInvoked(op: 1, username: "n", gateway: "g")),
        .signInAcknowledged(SignInAcknowledged(op: 1, user: "u", session: "s")),
        .revokeInvoked(RevokeInvoked(op: 1, user: "u", session: "s", sessions: ["s", "t"], gateway: "g")),
        .revokeAcknowledged(RevokeAcknowledged(op: 1)),
        .requestInvoked(RequestInvoked(op: 1, user: "u", session: "s", gateway: "g", what: "GET /")),
        .requestAcknowledged(RequestAcknowledged(op: 1)),
        .refused(Refused(op: 1, status: 503, code: "busy", retryAfter: 1)),
        .unknown(OutcomeUnknown(op: 1, reason: "reset")),
        .fault(
            FaultStep(
                window: 1, fault: "F1", phase: .begin, detail: "d", traces: [Trace("n", counters: ["a*"])],
                recovery: Recovery(from: .heal, within: 2.5))),
        .poison(Poison(queue: "q", hash: "h")),
        .counters(Measurement(source: "s", values: ["a": 1])),
        .gauges(Measurement(source: "s", values: ["a": 1.5])),
        .limits(Limits(atMost: ["a": 2])),
        .load(LoadLevel(factor: 3)),
        .note(Note(text: "a \"quoted\"\nline")),
    ]

    private func withFile<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        return try await body(file)
    }

    @Test func `Every kind of record is read as it was written, one flat line each`() async throws {
        #expect(Set(Self.everyKind.map(\.kind)).count == Event.Kind.allCases.count)
        try await withFile { file in
            let writer = try HistoryWriter(file: file)
            for event in Self.everyKind { writer.record(event, by: "ada.1") }
            try await writer.finish()
            var read: [Event] = []
            var last: Int64 = 0
            try HistoryReader(file: file).forEach { line, record in
                #expect(line == read.count + 1)
                #expect(record.process == "ada.1" && record.at >= last)
                last = record.at
                read.append(record.event)
            }
            #expect(read == Self.everyKind)
            let text = try HistoryReader(file: file).lines([11])[11]
            #expect(text?.hasSuffix(#""kind":"tab.disconnect","process":"ada.1","reason":"r"}"#) == true)
        }
    }

    @Test func `Histories from before there were changes are read, and written without a trace of them`() throws {
        for line in [
            #"{"at":1,"attempt":1,"conversation":"c","gateway":"g","hash":"h","id":"i","kind":"send.invoke","op":1,"#
                + #""process":"a","session":"s","user":"u"}"#,
            #"{"at":1,"hash":"h","id":"i","kind":"send.ok","op":1,"process":"a","rev":3,"sender":"u","seq":2}"#,
            #"{"at":1,"conversation":"c","hash":"h","id":"i","kind":"view","process":"a","rev":1,"sender":"u","#
                + #""seq":1,"via":"answer"}"#,
            #"{"at":1,"conversation":"c","kind":"view.reset","next":7,"process":"a"}"#,
            #"{"at":1,"cursors":{"c":4},"kind":"sync.ok","more":false,"op":1,"process":"a"}"#,
            #"{"at":1,"code":"busy","kind":"fail","op":1,"process":"a","status":503}"#,
        ] {
            let record = try JSONDecoder().decode(Record.self, from: Data(line.utf8))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            #expect(String(decoding: try encoder.encode(record), as: UTF8.self) == line)
        }
        let final = #"{"conversation":"c","members":[],"messages":[]}"#
        let stored = try JSONDecoder().decode(StoredConversation.self, from: Data(final.utf8))
        #expect(stored.head == nil && stored.markers == nil)
    }

    @Test func `What many tasks record at once is all there, in the order of its times`() async throws {
        try await withFile { file in
            let writer = try HistoryWriter(file: file)
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for _ in 0..<2000 {
                            writer.record(
                                .requestAcknowledged(RequestAcknowledged(op: writer.nextOperation())), by: "\(task)")
                        }
                    }
                }
            }
            try await writer.finish()
            var operations: Set<Int64> = []
            var last: Int64 = 0
            try HistoryReader(file: file).forEach { _, record in
                #expect(record.at >= last)
                last = record.at
                if case .requestAcknowledged(let answer) = record.event { operations.insert(answer.op) }
            }
            #expect(operations.count == 16000)
        }
    }

    @Test func `A line that is no record is named by its number`() async throws {
        try await withFile { file in
            let good = #"{"at":1,"kind":"resync","process":"a"}"#
            try Data("\(good)\n\(good)\n{\"at\":2,\"kind\":\"re\n".utf8).write(to: file)
            var count = 0
            let error = #expect(throws: HistoryError.self) {
                try HistoryReader(file: file).forEach { _, _ in count += 1 }
            }
            #expect(count == 2)
            guard case .broken(let line, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(line == 3)
        }
    }

    @Test func `Nothing may be recorded after the end, and the writer says so`() async throws {
        try await withFile { file in
            let writer = try HistoryWriter(file: file)
            try await writer.finish()
            writer.record(.resyncReceived, by: "a")
            await #expect(throws: HistoryError.incomplete) { try await writer.finish() }
        }
    }

    @Test func `A final read is read as it was written`() async throws {
        let final = FinalState(
            conversations: [
                StoredConversation(
                    conversation: "c", members: [.init(user: "u", received: 2, read: 1)],
                    messages: [SeenMessage(seq: 1, rev: 1, sender: "u", id: "i", hash: "h")])
            ],
            accounts: [StoredAccount(user: "u", username: "U")],
            deadLetters: [DeadLetter(queue: "q", reason: "r", hash: "h", id: "i")],
            queues: [QueueState(name: "q", purpose: .work, ready: 1, unacknowledged: 2, consumers: 3)])
        try await withFile { file in
            try final.write(to: file)
            #expect(try FinalState(contentsOf: file) == final)
        }
    }
}
