import AsyncHTTPClient
import ChatContracts
import Foundation
import NIOCore
import NIOHTTP1

/// Somebody who is signed in.
struct Person: Sendable {
    var username: String
    var user: UserID
    /// `name=value` of the session's cookie.
    var cookie: String
}

/// Two people and their conversation.
struct Pair: Sendable {
    /// Places in ``People/all``.
    var one: Int
    var other: Int
    var conversation: ConversationID
    /// The conversation's last number before the run.
    var head: Int64
}

/// A group that all people of a run are in.
struct PeoplesGroup: Sendable {
    var conversation: ConversationID
    /// The conversation's last number before the run.
    var head: Int64
}

/// The people of a run, and who talks to whom.
struct People: Sendable {
    var all: [Person] = []
    var pairs: [Pair] = []
    /// Instead of pairs.
    var group: PeoplesGroup?
}

/// Makes people and conversations through the front door, before anything is measured.
struct Preparation: Sendable {
    let gateway: Gateway
    /// Requests at the same time; each sign-up keeps a core busy for a while.
    var width = 8

    static let password = "correct horse battery staple"

    /// Signs up people and opens a conversation for each two of them.
    func people(_ count: Int) async throws -> People {
        var people = People()
        people.all = try await signUp(count)
        let all = people.all
        people.pairs = try await each(count / 2) { index in
            // From both sides, because either may be the first to write.
            _ = try await open(all, 2 * index + 1, 2 * index)
            return try await open(all, 2 * index, 2 * index + 1)
        }
        return people
    }

    /// Signs up people without conversations.
    func signUp(_ count: Int) async throws -> [Person] {
        let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        return try await each(count) { index in try await signUp("load-\(run)-\(index)") }
    }

    /// Opens the conversation of two people, or finds it.
    func open(_ people: [Person], _ one: Int, _ other: Int) async throws -> Pair {
        struct Form: Encodable { var username: String }
        let answer = try await insist(
            "POST", "/api/v1/conversations", cookie: people[one].cookie, Form(username: people[other].username))
        let conversation = try JSONDecoder().decode(Conversation.self, from: answer.body)
        return Pair(one: one, other: other, conversation: conversation.id, head: conversation.head)
    }

    /// Makes a group of people; its first one owns it.
    func group(of people: [Person]) async throws -> People {
        struct Form: Encodable {
            var clientMessageId, name: String
            var usernames: [String]
        }
        let form = Form(
            clientMessageId: ClientMessageID.random().description, name: "load",
            usernames: people.dropFirst().map(\.username))
        let answer = try await insist("POST", "/api/v1/groups", cookie: people[0].cookie, form)
        let made = try JSONDecoder().decode(GroupChanged.self, from: answer.body)
        return People(
            all: people, group: PeoplesGroup(conversation: made.conversation, head: made.line?.seq ?? 0))
    }

    /// The same pairs with the heads as they are now.
    func refreshed(_ people: People) async throws -> People {
        var people = people
        let before = people
        people.pairs = try await each(before.pairs.count) { index in
            try await open(before.all, before.pairs[index].one, before.pairs[index].other)
        }
        return people
    }

    private func signUp(_ username: String) async throws -> Person {
        struct Form: Encodable { var username, password: String }
        let form = Form(username: username, password: Self.password)
        let answer = try await insist("POST", "/api/v1/accounts", cookie: nil, form)
        guard let cookie = answer.cookie else { throw LoadError("a sign-up gave no cookie") }
        let user = try JSONDecoder().decode(User.self, from: answer.body)
        return Person(username: username, user: user.id, cookie: cookie)
    }

    /// Does the same for many, several at a time, in order.
    func each<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        var values = [Value?](repeating: nil, count: count)
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var next = 0
            while next < min(width, count) {
                let index = next
                group.addTask { (index, try await body(index)) }
                next += 1
            }
            while let (index, value) = try await group.next() {
                values[index] = value
                guard next < count else { continue }
                let index = next
                group.addTask { (index, try await body(index)) }
                next += 1
            }
        }
        return values.compactMap(\.self)
    }

    struct Reply {
        var body: Data
        var cookie: String?
    }

    /// Repeats a request while the answer is a temporary one.
    func insist<Body: Encodable & Sendable>(
        _ method: String, _ path: String, cookie: String?, _ body: Body?
    ) async throws -> Reply {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            var request = HTTPClientRequest(url: gateway.address + path)
            request.method = HTTPMethod(rawValue: method)
            request.headers.add(name: "sec-fetch-site", value: "same-origin")
            if let cookie { request.headers.add(name: "cookie", value: cookie) }
            if let body {
                request.headers.add(name: "content-type", value: "application/json")
                request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
            }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(15))
            let bytes = Data(try await response.body.collect(upTo: 8 << 20).readableBytesView)
            if (200..<300).contains(response.status.code) {
                let cookie = response.headers.first(name: "set-cookie").map { String($0.prefix { $0 != ";" }) }
                return Reply(body: bytes, cookie: cookie)
            }
            let isTemporary = response.status.code == 429 || response.status.code >= 500
            guard isTemporary, ContinuousClock.now < deadline else {
                let text = String(decoding: bytes.prefix(300), as: UTF8.self)
                let hint = LoadError.hint(
                    status: Int(response.status.code), setting: "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE")
                throw LoadError("\(method) \(path): \(response.status.code) \(text)\(hint)")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
