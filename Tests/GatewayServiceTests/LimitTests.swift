import ChatContracts
import HTTPTypes
import Testing

@testable import GatewayService

@Suite struct TokenBucketTests {
    @Test func `a burst passes, then the rate holds`() {
        let buckets = TokenBuckets<String>(rate: Rate(perSecond: 2, burst: 3))
        let start = ContinuousClock.now
        for _ in 0..<3 { #expect(buckets.wait("a", now: start) == nil) }
        #expect(buckets.wait("a", now: start) == 0.5)
        #expect(buckets.wait("a", now: start + .milliseconds(250)) == 0.25)
        #expect(buckets.wait("a", now: start + .milliseconds(500)) == nil)
        #expect(buckets.wait("b", now: start) == nil)
    }

    @Test func `tokens never grow above the burst`() {
        let buckets = TokenBuckets<String>(rate: Rate(perSecond: 100, burst: 2))
        let start = ContinuousClock.now
        #expect(buckets.wait("a", now: start) == nil)
        let later = start + .seconds(1_000)
        #expect(buckets.wait("a", now: later) == nil)
        #expect(buckets.wait("a", now: later) == nil)
        #expect(buckets.wait("a", now: later) != nil)
    }

    @Test func `memory is bounded however many keys come`() {
        let buckets = TokenBuckets<Int>(rate: Rate(perSecond: 1, burst: 1), capacity: 2_000)
        let start = ContinuousClock.now
        for key in 0..<10_000 { _ = buckets.wait(key, now: start) }
        #expect(buckets.count <= 2_000)
        // Those that wait are not forgotten by it.
        #expect(buckets.wait(0, now: start) != nil)
        for key in 0..<10_000 { _ = buckets.wait(key + 50_000, now: start + .seconds(5)) }
        #expect(buckets.count <= 2_000)
    }
}

@Suite struct SignInThrottleTests {
    @Test func `five failures are free, then the delay doubles up to 15 minutes`() {
        #expect(SignInThrottle.delay(after: 4) == .zero)
        #expect(
            [5, 6, 7, 8].map { SignInThrottle.delay(after: $0) } == [
                .seconds(1), .seconds(2), .seconds(4), .seconds(8),
            ])
        #expect(SignInThrottle.delay(after: 15) == .seconds(900))
        #expect(SignInThrottle.delay(after: 5_000) == .seconds(900))
    }

    @Test func `attempts that come too early are refused and do not count`() throws {
        let throttle = SignInThrottle()
        let start = ContinuousClock.now
        for _ in 0..<5 { try throttle.begin("Alice", now: start) }
        for _ in 0..<10 { #expect(throws: Problem.self) { try throttle.begin("alice", now: start) } }
        try throttle.begin("ALICE", now: start + .seconds(1))
        #expect(throws: Problem.self) { try throttle.begin("alice", now: start + .seconds(2)) }
        try throttle.begin("bob", now: start)
    }

    @Test func `a success forgets the failures, and an unchecked attempt does not count`() throws {
        let throttle = SignInThrottle()
        let start = ContinuousClock.now
        for _ in 0..<5 { try throttle.begin("alice", now: start) }
        throttle.succeeded("Alice")
        for _ in 0..<20 {
            try throttle.begin("alice", now: start)
            throttle.abandoned("alice")
        }
    }
}

@Suite struct NetworkAddressTests {
    @Test func `addresses of both families are read`() {
        #expect(NetworkAddress("192.168.1.20")?.bytes == [192, 168, 1, 20])
        #expect(NetworkAddress("::ffff:10.0.0.1")?.bytes == [10, 0, 0, 1])
        #expect(NetworkAddress("2001:db8::1")?.bytes.prefix(4) == [0x20, 0x01, 0x0d, 0xb8])
        #expect(NetworkAddress("fe80::1%eth0")?.bytes.last == 1)
        for wrong in ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1::2::3", "12345::", "host", ":", "1:2:3:4:5:6:7"] {
            #expect(NetworkAddress(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `ranges contain their addresses only`() throws {
        let range = try #require(NetworkRange("10.1.0.0/15"))
        #expect(range.contains(try #require(NetworkAddress("10.0.255.1"))))
        #expect(range.contains(try #require(NetworkAddress("10.1.2.3"))))
        #expect(!range.contains(try #require(NetworkAddress("10.2.0.0"))))
        #expect(!range.contains(try #require(NetworkAddress("::1"))))
        #expect(NetworkRange("10.0.0.0/33") == nil)
        #expect(NetworkRange("10.0.0.1")?.bits == 32)
    }

    @Test func `only trusted proxies may name the client`() throws {
        let client = ClientAddress(trustedProxies: [try #require(NetworkRange("10.0.0.0/8"))])
        #expect(client.resolve(peer: "203.0.113.9", forwardedFor: ["1.1.1.1"]) == "203.0.113.9")
        #expect(client.resolve(peer: "10.0.0.1", forwardedFor: ["1.1.1.1, 203.0.113.9"]) == "203.0.113.9")
        #expect(client.resolve(peer: "10.0.0.1", forwardedFor: ["1.1.1.1", "203.0.113.9, 10.9.9.9"]) == "203.0.113.9")
        #expect(client.resolve(peer: "10.0.0.1", forwardedFor: ["nonsense"]) == "10.0.0.1")
        #expect(client.resolve(peer: "10.0.0.1", forwardedFor: []) == "10.0.0.1")
    }

    @Test func `the networks of an address are its /24, or its /64, /56 and /48`() {
        func shared(_ a: String, _ b: String) -> Int {
            zip(NetworkPrefix.around(a), NetworkPrefix.around(b)).filter { $0 == $1 }.count
        }
        #expect(NetworkPrefix.around("192.0.2.1").count == 2)
        #expect(shared("192.0.2.1", "192.0.2.1") == 2)
        #expect(shared("192.0.2.1", "192.0.2.99") == 1)
        #expect(shared("192.0.2.1", "192.0.3.1") == 0)
        #expect(NetworkPrefix.around("2001:db8::1").count == 3)
        #expect(shared("2001:db8:1:1::1", "2001:db8:1:1::ffff:1") == 3)
        #expect(shared("2001:db8:1:1::1", "2001:db8:1:2::1") == 2)
        #expect(shared("2001:db8:1:1::1", "2001:db8:1:102::1") == 1)
        #expect(shared("2001:db8:1:1::1", "2001:db8:2:1::1") == 0)
        #expect(NetworkPrefix.around("nonsense").count == 1)
    }
}

@Suite struct SameOriginTests {
    private func request(_ fields: HTTPFields, authority: String = "chat.example:8080") -> HTTPRequest {
        HTTPRequest(method: .post, scheme: "http", authority: authority, path: "/", headerFields: fields)
    }

    @Test(arguments: [("same-origin", true), ("same-site", false), ("cross-site", false), ("none", false)])
    func `what the browser says about the site decides`(_ site: String, _ isAllowed: Bool) {
        let fields: HTTPFields = [.secFetchSite: site, .origin: "http://chat.example:8080"]
        #expect(SameOrigin.isSameOrigin(request(fields), publicOrigins: []) == isAllowed)
    }

    @Test(arguments: [
        ("http://chat.example:8080", true), ("https://CHAT.example:8080", true), ("http://chat.example", false),
        ("http://evil.example", false), ("null", false), ("http://chat.example:8080.evil.example", false),
    ])
    func `otherwise the origin has to be this host`(_ origin: String, _ isAllowed: Bool) {
        #expect(SameOrigin.isSameOrigin(request([.origin: origin]), publicOrigins: []) == isAllowed)
    }

    @Test func `without both headers nothing is changed`() {
        #expect(!SameOrigin.isSameOrigin(request([:]), publicOrigins: []))
    }

    @Test func `behind a proxy the configured origins count instead of the host`() {
        let origins: Set = ["https://chat.example.org"]
        #expect(SameOrigin.isSameOrigin(request([.origin: "https://chat.example.org"]), publicOrigins: origins))
        #expect(!SameOrigin.isSameOrigin(request([.origin: "http://chat.example:8080"]), publicOrigins: origins))
    }
}

@Suite struct SessionCookieTests {
    private let plain = SessionCookie(isSecure: false, sameSite: .lax, maximumAge: .seconds(60))
    private let secure = SessionCookie(isSecure: true, sameSite: .strict, maximumAge: .seconds(60))

    @Test func `tokens are 256 random bits and their keys are hashes`() throws {
        let token = SessionToken.random()
        #expect(token.text.utf8.count == 43)
        #expect(token != SessionToken.random())
        #expect(SessionToken(token.text) == token)
        #expect(SessionToken(token.text + "x") == nil)
        #expect(SessionToken(String(repeating: "=", count: 43)) == nil)
        let key = token.key
        #expect(key.bytes.count == 32)
        #expect(SessionKey(key.description) == key)
        #expect(SessionKey(digest: key.bytes) == key)
        #expect(SessionKey(key.description.uppercased()) == nil || key.description.allSatisfy(\.isNumber))
        let known = try #require(SessionToken("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
        #expect(known.key.description.count == 64)
    }

    @Test func `a secure cookie is bound to the host and to TLS`() {
        let token = SessionToken.random()
        #expect(
            secure.header(setting: token)
                == "__Host-martlet=\(token.text); Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure")
        #expect(plain.header(setting: token) == "martlet=\(token.text); Path=/; Max-Age=60; HttpOnly; SameSite=Lax")
        #expect(plain.headerForgetting.contains("martlet=; "))
        #expect(plain.headerForgetting.contains("Max-Age=0"))
    }

    @Test func `the token is found among other cookies`() {
        let token = SessionToken.random()
        #expect(plain.token(in: [.cookie: "a=b; martlet=\(token.text); c=d"]) == token)
        #expect(plain.token(in: [.cookie: "xmartlet=\(token.text)"]) == nil)
        #expect(plain.token(in: [.cookie: "martlet=short; martlet=\(token.text)"]) == token)
        #expect(plain.token(in: [.cookie: "__Host-martlet=\(token.text)"]) == nil)
        #expect(plain.token(in: [:]) == nil)
    }
}
