import ChatContracts
import Foundation
import JSON
import TestSupport
import Testing

@testable import MessageBus

@Suite struct FrameTests {
    private let one = UserID(high: 0, low: 1)
    private let two = UserID(high: 0, low: 2)

    @Test func `replies and faults keep their order and their lines`() throws {
        let body = ReplyFrame.encode([
            OutgoingReply(replyTo: "g", correlationID: "a", outcome: .value(Array(#"{"x":1}"#.utf8))),
            OutgoingReply(
                replyTo: "g", correlationID: "b\"\\\n\u{1}é", outcome: .fault(Fault(.invalid, "Nö \"x\"", field: "t"))),
            OutgoingReply(replyTo: "g", correlationID: "c", outcome: .value(Array("2".utf8))),
            OutgoingReply(replyTo: "g", correlationID: "d", outcome: .fault(Fault(.notFound, ""))),
        ])
        #expect(body.count(where: { $0 == UInt8(ascii: "\n") }) == 3)
        let frame = try ReplyFrame(decoding: body)
        #expect(frame.replies.map(\.correlationID) == ["a", "b\"\\\n\u{1}é", "c", "d"])
        #expect(frame.replies.map { describe($0.outcome) } == [#"{"x":1}"#, "invalid Nö \"x\" t", "2", "not-found  -"])
    }

    @Test func `a header line is plain JSON for everybody`() throws {
        let body = ReplyFrame.encode([
            OutgoingReply(replyTo: "g", correlationID: "a\t\u{1f}/\u{7f}", outcome: .fault(Fault(.busy, "x")))
        ])
        #expect(
            String(decoding: body, as: UTF8.self)
                == "{\"replies\":[{\"id\":\"a\\u0009\\u001f/\u{7f}\",\"fault\":{\"code\":\"busy\",\"message\":\"x\"}}]}\n"
        )
        #expect(try JSONSerialization.jsonObject(with: Data(body)) is [String: Any])
    }

    @Test func `a reply without its line and an unknown fault are malformed alone`() throws {
        let body =
            #"{"more":[{"a":null}],"replies":[{"id":"a","fault":{"code":"later","message":"?","n":[1,-2.5e3]}},"#
            + #"{"id":"b"},{"id":"c"}]}"# + "\n5"
        let frame = try ReplyFrame(decoding: Array(body.utf8))
        #expect(frame.replies.map { describe($0.outcome) } == ["malformed", "5", "malformed"])
    }

    @Test func `a line feed within a value becomes a space`() throws {
        let body = ReplyFrame.encode([
            OutgoingReply(replyTo: "g", correlationID: "a", outcome: .value(Array("{\n\"x\": 1\n}".utf8)))
        ])
        #expect(try ReplyFrame(decoding: body).replies.map { describe($0.outcome) } == ["{ \"x\": 1 }"])
    }

    @Test func `events carry names, recipients, data and serials`() throws {
        let body = EventFrame.encode(
            [
                OutgoingEvent(name: "message.sent", recipients: [one, two], data: Array("{}".utf8)),
                OutgoingEvent(name: "user.changed", recipients: [], data: Array("[1,\n2]".utf8)),
            ], publisher: "messages-1.1", serials: [("bucket.1", 5), ("user.changed", .max)])
        let header =
            #"{"events":[{"name":"message.sent","to":["00000000000000000000000000000001","#
            + #""00000000000000000000000000000002"]},{"name":"user.changed","to":[]}],"from":"messages-1.1","#
            + #""serials":{"bucket.1":5,"user.changed":18446744073709551615}}"#
        #expect(String(decoding: body, as: UTF8.self) == header + "\n{}\n[1, 2]\n")
        let frame = try EventFrame(decoding: body)
        #expect(frame.events.map(\.name) == ["message.sent", "user.changed"])
        #expect(frame.events.map(\.recipients) == [[one, two], []])
        #expect(frame.events.map { String(decoding: $0.data, as: UTF8.self) } == ["{}", "[1, 2]"])
        #expect(frame.publisher == "messages-1.1")
        #expect(frame.serials.map(\.key) == ["bucket.1", "user.changed"])
        #expect(frame.serials.map(\.serial) == [5, .max])
    }

    @Test func `an event of a group carries its audience and no recipients`() throws {
        let group = ConversationID(high: 0, low: 3)
        let audiences = [
            GroupAudience(conversation: group, version: 7),
            GroupAudience(conversation: group, version: .max, historyFrom: 3...9),
        ]
        let body = EventFrame.encode(
            audiences.map { OutgoingEvent(name: "x", recipients: [], audience: $0, data: [49]) }[...],
            publisher: "p", serials: [])
        #expect(
            String(decoding: body, as: UTF8.self).hasPrefix(
                #"{"events":[{"name":"x","to":[],"group":"00000000000000000000000000000003","version":7,"from":[0,"#))
        #expect(try EventFrame(decoding: body).events.map(\.audience) == audiences)
        for damaged in [#""group":"3""#, #""group":"00000000000000000000000000000003","version":1"#] {
            let header = #"{"events":[{"name":"x","to":[],\#(damaged)}]}"#
            #expect(throws: JSONScanner.Malformed.self) { try EventFrame(decoding: Array((header + "\n1\n").utf8)) }
        }
    }

    @Test(
        arguments: [
            "", "\n", "{", "{}x", "[]", "null", #"{"events":[{"name":"x","to":["zz"]}]}"# + "\n1",
            #"{"events":[{"to":[]}]}"# + "\n1", #"{"events":[{"name":"x","to":[]}]}"#,
            #"{"events":[{"name":"x","to":[]},]}"# + "\n1\n", #"{"events":[],"serials":{"a":18446744073709551616}}"#,
            #"{"events":[],"serials":{"a":-1}}"#, #"{"events":[],"from":"\q"}"#, #"{"events":[],"from":"\u12"}"#,
            #"{"a":"# + String(repeating: "[", count: 100_000),
        ])
    func `a damaged header is refused`(body: String) {
        #expect(throws: JSONScanner.Malformed.self) { try EventFrame(decoding: Array(body.utf8)) }
    }

    @Test func `truncated and altered frames never crash`() {
        let body = EventFrame.encode(
            [OutgoingEvent(name: "a\"\\é", recipients: [one], data: Array(#"{"t":"x"}"#.utf8))], publisher: "p",
            serials: [("bucket.1", 5)])
        for length in 0..<body.count { _ = try? EventFrame(decoding: Array(body[..<length])) }
        var source = SeededSource(seed: 42)
        for _ in 0..<20_000 {
            var altered = body
            for _ in 0..<Int.random(in: 1...3, using: &source) {
                altered[Int.random(in: 0..<altered.count, using: &source)] = .random(in: 0...255, using: &source)
            }
            _ = try? EventFrame(decoding: altered)
            _ = try? ReplyFrame(decoding: altered)
        }
    }

    @Test func `chunks keep everything in order and near the size`() {
        let items = (0..<1_000).map { _ in Int.random(in: 1...40_000) } + [500_000, 1, 500_000]
        let chunks = BusPublisher.chunks(items) { $0 }
        #expect(Array(chunks.joined()) == items)
        for chunk in chunks where chunk.count > 1 { #expect(chunk.reduce(0, +) <= BusPublisher.messageSize) }
        #expect(BusPublisher.chunks([Int]()) { $0 }.isEmpty)
    }

    private func describe(_ outcome: ReplyFrame.Outcome) -> String {
        switch outcome {
        case .value(let line): String(decoding: line, as: UTF8.self)
        case .fault(let fault): "\(fault.code.rawValue) \(fault.message) \(fault.field ?? "-")"
        case .malformed: "malformed"
        }
    }
}
