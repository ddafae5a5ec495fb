import ChatContracts
import Testing

@testable import GatewayService

/// The same cases as the browser tests have for the script (test_conversation.py).
struct MessageRunsTests {
    private let ada = UserID(high: 0, low: 1)
    private let bob = UserID(high: 0, low: 2)

    private func entry(
        _ minutes: Double, _ sender: UserID? = nil, progress: MessageProgress? = nil, starts: Bool = false
    ) -> MessageRuns.Entry {
        MessageRuns.Entry(
            sender: sender ?? ada, sentAt: Timestamp(milliseconds: Int64(minutes * 60_000)), progress: progress,
            starts: starts)
    }

    private func told(_ entries: [MessageRuns.Entry]) -> [String] {
        MessageRuns.looks(of: entries).map { look in
            [(look.first, "first"), (look.last, "last"), (look.timed, "timed"), (look.ticked, "ticked")]
                .filter(\.0).map(\.1).joined(separator: " ")
        }
    }

    @Test func `a run ends after five minutes and shows each minute once`() {
        #expect(
            told([entry(0), entry(0.5), entry(1), entry(6), entry(11.1)])
                == ["first", "timed", "timed", "last timed", "first last timed"])
        #expect(
            told([entry(0), entry(0.1, bob), entry(0.2, starts: true), entry(0.3)])
                == ["first last timed", "first last timed", "first", "last timed"])
        let own: [MessageProgress] = [.read, .read, .delivered, .sent]
        #expect(
            told(own.map { entry(0, progress: $0) }) == ["first", "ticked", "ticked", "last timed ticked"])
    }

    @Test(arguments: [
        ("👍", 1), ("👍👍", 2), ("👍 ❤️\n🎉", 3), ("👍👍👍👍", 0), ("1", 0), ("#️⃣", 1), ("🇩🇪", 1), ("🇩", 0), ("👨‍👩‍👧‍👦", 1),
        ("☎", 0), ("☎️", 1), ("hi", 0), ("👍!", 0), ("", 0), (" ", 0), ("1️⃣", 1), ("👋🏽", 1), ("🐦a", 0),
    ])
    func `a text of at most three emoji is known by their number`(text: String, count: Int) {
        #expect(Emoji.count(in: text) == count)
    }
}
