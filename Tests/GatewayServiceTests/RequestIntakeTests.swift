import NIOCore
import NIOHTTP1
import Testing

@testable import GatewayService

@Suite struct RequestIntakeTests {
    /// What it is told, and what it says, in a form that can be compared.
    private final class Story {
        enum Outcome: Equatable {
            case wait, close
            case respond(String, bytes: Int)
        }

        private var intake = RequestIntake(bodyTime: .seconds(10))
        let begin = NIODeadline.now()

        var isIdle: Bool { intake.isIdle }
        var isFull: Bool { intake.isFull }
        var waitsForClient: Bool { intake.waitsForClient }

        func head(_ uri: String, _ headers: HTTPHeaders = [:]) -> Outcome {
            receive(.head(HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: headers)))
        }

        func body(_ count: Int, after seconds: Int64 = 0) -> Outcome {
            outcome(intake.receive(.body(ByteBuffer(repeating: 7, count: count)), now: begin + .seconds(seconds)))
        }

        func end() -> Outcome { receive(.end(nil)) }
        func next() -> Outcome { outcome(intake.next(now: begin)) }
        /// Whether another request can follow.
        func responded() -> Bool {
            intake.responded()
            return intake.isBodyComplete
        }

        private func receive(_ part: HTTPServerRequestPart) -> Outcome { outcome(intake.receive(part, now: begin)) }

        private func outcome(_ action: RequestIntake.Action) -> Outcome {
            switch action {
            case .wait: .wait
            case .close: .close
            case .respond(let head, let body): .respond(head.uri, bytes: body.readableBytes)
            }
        }
    }

    @Test func `a request is handed out when its body is complete`() {
        let story = Story()
        #expect(story.isIdle)
        #expect(story.head("/a") == .wait)
        #expect(!story.isIdle)
        #expect(story.body(10) == .wait)
        #expect(story.body(5) == .wait)
        #expect(story.end() == .respond("/a", bytes: 15))
        #expect(!story.waitsForClient)
        #expect(story.responded())
        #expect(story.isIdle)
    }

    @Test func `what comes early waits, and is handed out one request at a time`() {
        let story = Story()
        #expect(story.head("/1") == .wait)
        #expect(story.end() == .respond("/1", bytes: 0))
        for uri in ["/2", "/3"] {
            #expect(story.head(uri) == .wait)
            #expect(story.body(3) == .wait)
            #expect(story.end() == .wait)
        }
        #expect(story.isFull)
        for uri in ["/2", "/3"] {
            #expect(story.responded())
            #expect(story.next() == .respond(uri, bytes: 3))
        }
        #expect(!story.isFull)
        #expect(story.responded())
        #expect(story.next() == .wait)
        #expect(story.isIdle)
    }

    @Test func `a body that is announced as too large is answered at once, and nothing follows on the connection`() {
        let story = Story()
        #expect(story.head("/a", ["Content-Length": "\(RequestLimits.bodyBytes + 1)"]) == .respond("/a", bytes: 0))
        #expect(story.body(1_000) == .wait)
        #expect(!story.responded())
    }

    @Test func `a body that grows too large is answered with what there is of it`() {
        let story = Story()
        #expect(story.head("/a") == .wait)
        #expect(story.body(RequestLimits.bodyBytes) == .wait)
        #expect(story.body(1) == .respond("/a", bytes: RequestLimits.bodyBytes + 1))
        #expect(story.body(1) == .wait)
        #expect(!story.responded())
    }

    @Test func `nobody may send requests without end before they are answered`() {
        let story = Story()
        var outcomes: [Story.Outcome] = []
        for number in 0...RequestIntake.longestQueue { outcomes += [story.head("/\(number)"), story.end()] }
        #expect(outcomes.filter { $0 == .respond("/0", bytes: 0) }.count == 1)
        #expect(outcomes.contains(.close))
    }

    @Test func `nobody may send without an end, or take too long`() {
        let endless = Story()
        _ = endless.head("/a", ["Content-Length": "9999999"])
        #expect(endless.body(RequestLimits.discardedBodyBytes + 1) == .close)
        let slow = Story()
        #expect(slow.head("/a") == .wait)
        #expect(slow.body(1, after: 11) == .close)
    }
}
