import ChatContracts
import Crypto
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MongoStore
import ServiceKit
import TestSupport
import Testing

@testable import GatewayService

@Suite struct DeviceTokenTests {
    private let key = SymmetricKey(size: .bits256)
    private let cookie = DeviceCookie(like: SessionCookie(isSecure: false, sameSite: .lax, maximumAge: .seconds(60)))

    @Test func `a token is genuine for its account and its key only, without case`() throws {
        let token = DeviceToken(.random(), for: "Ada", issued: 1_000_000, key: key)
        let read = try #require(DeviceToken(token.text))
        #expect(read == token)
        #expect(read.isGenuine(for: "ada", key: key))
        #expect(!read.isGenuine(for: "bob", key: key))
        #expect(!read.isGenuine(for: "ada", key: SymmetricKey(size: .bits256)))
    }

    @Test func `a token of which one character was changed is not genuine`() throws {
        let text = DeviceToken(.random(), for: "ada", issued: 1_000_000, key: key).text
        for index in stride(from: 0, to: text.count - 1, by: 7) {
            var changed = Array(text)
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(DeviceToken(String(changed))?.isGenuine(for: "ada", key: key) != true, "\(index)")
        }
        for wrong in ["", "x", String(repeating: "_", count: text.count), text + "A", String(text.dropLast())] {
            #expect(DeviceToken(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `a token holds for a year`() {
        let token = DeviceToken(.random(), for: "ada", issued: 1_000_000, key: key)
        #expect(!token.isExpired(now: 1_000_000 + 364 * 86_400))
        #expect(token.isExpired(now: 1_000_000 + 365 * 86_400))
        #expect(token.isExpired(now: 0))
    }

    @Test func `the cookie is hidden from scripts, bound to the site, and as secure as the session's`() {
        let token = DeviceToken(.random(), for: "ada", issued: 1_000_000, key: key)
        #expect(
            cookie.header(setting: [token])
                == "martlet-device=\(token.text); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
        let secure = DeviceCookie(like: SessionCookie(isSecure: true, sameSite: .strict, maximumAge: .seconds(60)))
        let header = secure.header(setting: [token])
        #expect(header.hasPrefix("__Host-martlet-device="))
        #expect(header.hasSuffix("; HttpOnly; SameSite=Strict; Secure"))
    }

    @Test func `a browser keeps five accounts, the latest ones, and each of them once`() async throws {
        let devices = KnownDevices(cookie: cookie, store: MemoryDeviceKeyStore(), logger: Logger(label: "test"))
        var fields: HTTPFields = [:]
        for name in ["a", "b", "c", "d", "e", "f", "b"] {
            let header = try #require(await devices.cookie(remembering: name, in: fields))
            fields = [.cookie: String(header.prefix { $0 != ";" })]
        }
        #expect(cookie.tokens(in: fields).count == 5)
        #expect(await devices.recognize("a", in: fields) == nil)
        let ids = await ["b", "c", "d", "e", "f"].asyncMap { await devices.recognize($0, in: fields) }
        #expect(Set(ids.compactMap(\.self)).count == 5)
        let later = Timestamp(milliseconds: Timestamp.now.milliseconds + 366 * 86_400_000)
        #expect(await devices.recognize("b", in: fields, now: later) == nil)
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Result>(_ body: (Element) async -> Result) async -> [Result] {
        var results: [Result] = []
        for element in self { results.append(await body(element)) }
        return results
    }
}

/// Nobody is locked out by what others do.
@Suite struct LockOutTests {
    private func signIn(_ name: String, _ password: String, in browser: Browser) async throws -> TestResponse {
        try await browser.post("/api/v1/session", #"{"username":"\#(name)","password":"\#(password)"}"#)
    }

    /// Guesses until strangers are refused.
    private func guess(_ name: String, by thief: Browser) async throws {
        for _ in 0..<20 {
            let answer = try await signIn(name, "a wrong password", in: thief)
            thief.device = nil
            if answer.status == .tooManyRequests { return }
        }
        Issue.record("nobody stopped the guessing")
    }

    private func signOut(_ browser: Browser) async throws {
        #expect(try await browser.send(.delete, "/api/v1/session").status == .noContent)
        #expect(browser.device != nil)
    }

    @Test func `who has signed in with a browser gets in while strangers guess, and strangers do not`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            try await guess("ada", by: ada.other())
            for _ in 0..<22 {
                try await signOut(ada)
                #expect(try await signIn("ada", "a long password", in: ada).status == .ok)
            }
            // The first wait, of a second, may be over by now.
            try await guess("ada", by: ada.other())
            #expect(try await signIn("ada", "a long password", in: ada.other()).status == .tooManyRequests)
        }
    }

    @Test func `a form recognizes the browser too`() async throws {
        try await TestGateway().test { ada in
            let account = ["username": "ada", "displayName": "", "password": "a long password"]
            #expect(try await ada.submit("/signup", account).status == .seeOther)
            #expect(try await ada.submit("/logout_chat", [:]).status == .seeOther)
            try await guess("ada", by: ada.other())
            let form = ["username": "ada", "password": "a long password"]
            #expect(try await ada.submit("/signin", form).status == .seeOther)
            let refused = try await ada.other().submit("/signin", form)
            #expect(refused.status == .tooManyRequests)
            #expect(refused.text.contains(#/Try again <time [^>]+>in /#))
        }
    }

    @Test func `another gateway recognizes the browser`() async throws {
        let first = try await TestGateway()
        let second = try await TestGateway(deviceKeys: first.deviceKeys)
        let device = try await first.test { ada in
            try await ada.register("ada")
            return ada.device
        }
        try await second.test { ada in
            try await ada.other().register("ada")
            try await guess("ada", by: ada.other())
            ada.device = device
            #expect(try await signIn("ada", "a long password", in: ada).status == .ok)
        }
    }

    @Test func `a device that guesses is slowed down like everybody, and slows nobody else`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let phone = ada.other()
            #expect(try await signIn("ada", "a long password", in: phone).status == .ok)
            try await signOut(phone)
            for _ in 0..<SignInThrottle.freeFailures {
                #expect(try await signIn("ada", "a wrong password", in: phone).status == .unauthorized)
            }
            let slowed = try await signIn("ada", "a wrong password", in: phone)
            #expect(slowed.status == .tooManyRequests)
            #expect((1...60).contains(Int(slowed.headers[.retryAfter] ?? "") ?? 0))
            try await signOut(ada)
            #expect(try await signIn("ada", "a long password", in: ada).status == .ok)
        }
    }

    @Test func `a device's token for one account, a broken one and one of another deployment help nobody`() async throws
    {
        let elsewhere = try await TestGateway().test { browser in
            try await browser.register("ada")
            return try #require(browser.device)
        }
        try await TestGateway().test { ada in
            try await ada.register("ada")
            let mallory = ada.other()
            try await mallory.register("mallory")
            try await signOut(mallory)
            try await guess("ada", by: ada.other())
            var broken = Array(try #require(ada.device))
            broken[3] = broken[3] == "A" ? "B" : "A"
            for device in [try #require(mallory.device), String(broken), elsewhere, "nonsense", ""] {
                let thief = ada.other()
                thief.device = device
                #expect(try await signIn("ada", "a wrong password", in: thief).status == .tooManyRequests)
            }
        }
    }

    @Test func `strangers of the same address do not use up what a known device may try`() async throws {
        let gateway = try await TestGateway {
            $0.attemptRate = Rate(perSecond: 0.001, burst: 3)
            $0.networkAttemptRate = Rate(perSecond: 0.001, burst: 4)
        }
        try await gateway.test { ada in
            try await ada.register("ada")
            try await signOut(ada)
            let stranger = ada.other()
            for number in 0..<10 { _ = try await signIn("nobody\(number)", "a long password", in: stranger) }
            #expect(try await signIn("nobody", "a long password", in: stranger).status == .tooManyRequests)
            #expect(try await signIn("ada", "a long password", in: ada).status == .ok)
            // Its own allowance has an end as well: checking a password costs much.
            for _ in 0..<2 { #expect(try await signIn("ada", "a long password", in: ada).status == .ok) }
            #expect(try await signIn("ada", "a long password", in: ada).status == .tooManyRequests)
        }
    }

    @Test func `a live session changes its password while strangers guess`() async throws {
        try await TestGateway().test { ada in
            try await ada.register("ada")
            try await guess("ada", by: ada.other())
            let change = try await ada.post(
                "/api/v1/account/password",
                #"{"currentPassword":"a long password","newPassword":"another long password"}"#)
            #expect(change.status == .noContent)
        }
    }

    @Test func `signing in works while the key of devices cannot be read`() async throws {
        let gateway = try await TestGateway()
        gateway.deviceKeys.fail(with: MongoError(.unavailable, message: "away"))
        try await gateway.test { ada in
            try await ada.register("ada")
            #expect(ada.device == nil)
            gateway.deviceKeys.fail(with: nil)
            #expect(try await signIn("ada", "a long password", in: ada).status == .ok)
            #expect(ada.device != nil)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `all gateways find one key in the database, whoever makes it`() async throws {
        try await withDatabase { access in
            let database = try MongoDatabase(configuration: access.configuration, logger: Logger(label: "test"))
            let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for byte in UInt8(1)...8 {
                    group.addTask {
                        try await MongoDeviceKeyStore(database: database)
                            .deviceKey(orInsert: Array(repeating: byte, count: KnownDevices.keyBytes))
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(keys.count == 1)
            await database.shutdown()
        }
    }
}
