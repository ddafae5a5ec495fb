import ChatContracts
import Foundation

/// Who talks to whom and who writes when: all of it decided by the seed.
struct Plan: Sendable {
    /// Two users, by their numbers.
    struct Pair: Sendable, Hashable {
        var one: Int
        var other: Int
    }

    /// A message to be written.
    struct Line: Sendable {
        /// Seconds after the line before it, at a rate of one line a second.
        var delay: Double
        var conversation: Int
        /// 0 or 1: which of the two writes.
        var writer: Int
        var draft: Draft
    }

    let usernames: [String]
    /// The first conversation is the hot one.
    let pairs: [Pair]
    /// Each user's number of tabs.
    let tabs: [Int]
    /// Whether a user's second tab is in a browser of its own.
    let usesTwoBrowsers: [Bool]

    init(_ configuration: WorkloadConfiguration) {
        var generator = SeededGenerator.branch(of: configuration.seed, "people")
        let users = max(2, configuration.users)
        usernames = (0..<users).map { "\(configuration.run).\($0)" }
        tabs = (0..<users).map { _ in Int.random(in: configuration.tabsPerUser, using: &generator) }
        usesTwoBrowsers = (0..<users).map { _ in Bool.random(using: &generator) }
        // First everybody gets somebody, then pairs are drawn.
        let shuffled = (0..<users).shuffled(using: &generator)
        var pairs: [Pair] = []
        var known: Set<Pair> = []
        func add(_ one: Int, _ other: Int) {
            let pair = Pair(one: min(one, other), other: max(one, other))
            if one != other, pairs.count < configuration.conversations, known.insert(pair).inserted {
                pairs.append(pair)
            }
        }
        for index in stride(from: 0, to: users - 1, by: 2) { add(shuffled[index], shuffled[index + 1]) }
        let most = min(configuration.conversations, users * (users - 1) / 2)
        while pairs.count < most {
            add(Int.random(in: 0..<users, using: &generator), Int.random(in: 0..<users, using: &generator))
        }
        self.pairs = pairs
    }
}

/// Draws one line after the other.
struct LineGenerator: Sendable {
    private var generator: SeededGenerator
    private let conversations: Int
    private let hotShare: Double
    private let changeShare: Double
    private var number = 0

    init(_ configuration: WorkloadConfiguration, conversations: Int, part: String = "lines") {
        generator = .branch(of: configuration.seed, part)
        self.conversations = conversations
        hotShare = configuration.hotShare
        changeShare = configuration.changeShare
    }

    mutating func next() -> Plan.Line {
        let isHot = conversations == 1 || Double.random(in: 0..<1, using: &generator) < hotShare
        let conversation = isHot ? 0 : Int.random(in: 1..<conversations, using: &generator)
        // Writers come at random, not in step.
        let delay = -log(1 - Double.random(in: 0..<1, using: &generator))
        return Plan.Line(
            delay: delay, conversation: conversation, writer: Int.random(in: 0...1, using: &generator),
            draft: intended(draft()))
    }

    /// Now and then somebody changes what is there instead of writing something new. With a share of 0 nothing is drawn, so
    /// that a seed gives the same lines as ever.
    private mutating func intended(_ draft: Draft) -> Draft {
        guard changeShare > 0, Double.random(in: 0..<1, using: &generator) < changeShare else { return draft }
        var draft = draft
        let choice = Double.random(in: 0..<1, using: &generator)
        let emoji = Self.emojis[Int.random(in: 0..<Self.emojis.count, using: &generator)]
        draft.intent =
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<4: .reply(to: choice)
            case 4..<8: .edit(choice)
            case 8: .rivalEdits(choice)
            case 9, 10: .delete(choice)
            case 11..<17: .react(choice, emoji)
            default: .unreact(choice, emoji)
            }
        return draft
    }

    /// With everything in them that paths get wrong: variation selectors, skin tones, joined and regional ones.
    private static let emojis = ["👍", "❤️", "🎉", "👋🏽", "👩‍🚀", "🇨🇭", "🪶"]

    mutating func draft() -> Draft {
        number += 1
        let id = ClientMessageID(high: generator.next(), low: generator.next())
        return Draft(id: id, text: text())
    }

    private static let words = [
        "martlet", "never", "lands", "über", "the", "tide", "鳥", "keeps", "its", "place", "🪶", "and", "writes", "on",
        "\"quoted\"", "back\\slash", "naïve", "line\nbreak", "e\u{301}", "<b>", "&amp;", "привет",
    ]

    /// Mostly short, now and then long, with everything in it that encodings get wrong.
    private mutating func text() -> String {
        let count =
            Int.random(in: 0..<50, using: &generator) == 0
            ? Int.random(in: 100...300, using: &generator) : Int.random(in: 1...12, using: &generator)
        var text = "\(number)"
        for _ in 0..<count { text += " " + Self.words[Int.random(in: 0..<Self.words.count, using: &generator)] }
        return text
    }
}
