import ChatContracts
import Foundation
import Testing

@Suite("Sealed passwords")
struct SealedPasswordTests {
    private let keys: PasswordPrivateKeys
    private let user = UserID.random()

    init() throws { keys = try PasswordPrivateKeys(PasswordPrivateKeys.randomKey()) }

    private var register: PasswordBinding { RegisterUser.passwordBinding(username: "ada") }

    @Test(arguments: ["", "korrekt pferd", "李小龍 👩‍👩‍👧‍👦", "a\u{0}b", String(repeating: "x", count: 5_000)])
    func `A password comes out as it went in`(_ password: String) throws {
        let sealed = try keys.currentPublicKey.seal(password, for: register)
        #expect(try keys.open(sealed, for: register) == password)
        let again = try JSONDecoder().decode([SealedPassword].self, from: JSONEncoder().encode([sealed]))
        #expect(again == [sealed], "on the bus it is a text")
    }

    @Test func `It opens for the same request, field and account only`() throws {
        let sealed = try keys.currentPublicKey.seal("a secret", for: register)
        for other in [
            RegisterUser.passwordBinding(username: "bob"), SignIn.passwordBinding(username: "ada"),
            ChangePassword.newPasswordBinding(user: user),
        ] {
            let fault = #expect(throws: Fault.self) { try keys.open(sealed, for: other) }
            #expect(fault?.code == .invalid)
        }
        let current = try keys.currentPublicKey.seal(
            "a secret", for: ChangePassword.currentPasswordBinding(user: user))
        let fault = #expect(throws: Fault.self) {
            try keys.open(current, for: ChangePassword.newPasswordBinding(user: user))
        }
        #expect(fault?.field == "newPassword")
        #expect(throws: Fault.self) {
            try keys.open(current, for: ChangePassword.currentPasswordBinding(user: .random()))
        }
    }

    @Test func `What was changed on the way, cut off or never sealed is refused`() throws {
        let sealed = try keys.currentPublicKey.seal("a secret", for: register)
        let bytes = try #require(Data(base64Encoded: sealed.text))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: Fault.self, "byte \(index)") {
                try keys.open(SealedPassword(text: changed.base64EncodedString()), for: register)
            }
        }
        for count in 0..<bytes.count {
            #expect(throws: Fault.self) {
                try keys.open(SealedPassword(text: bytes.prefix(count).base64EncodedString()), for: register)
            }
        }
        for text in ["", "korrekt pferd", "====", String(repeating: "A", count: 1 << 20)] {
            #expect(throws: Fault.self) { try keys.open(SealedPassword(text: text), for: register) }
        }
    }

    @Test func `The same password is never the same twice, and its length shows in steps only`() throws {
        let key = keys.currentPublicKey
        let texts = try ["korrekt pferd", "korrekt pferd", "12345678", String(repeating: "x", count: 60)].map {
            try key.seal($0, for: register).text
        }
        #expect(Set(texts).count == texts.count)
        #expect(Set(texts.map(\.count)).count == 1)
        let longer = try key.seal(String(repeating: "x", count: 61), for: register).text
        #expect(longer.count > texts[0].count)
    }

    @Test func `Another key does not open it, and the fault says what to do`() throws {
        let sealed = try keys.currentPublicKey.seal("a secret", for: register)
        let other = try PasswordPrivateKeys(PasswordPrivateKeys.randomKey())
        let fault = #expect(throws: Fault.self) { try other.open(sealed, for: register) }
        #expect(fault?.code == .invalid && fault?.field == "password")
        #expect(fault?.message.contains("keys that belong together") == true)
    }

    @Test func `Of several keys the first is the current one, and all of them open`() throws {
        let old = PasswordPrivateKeys.randomKey()
        let new = PasswordPrivateKeys.randomKey()
        let both = try PasswordPrivateKeys("\(new)\n\(old)\n")
        #expect(both.currentPublicKey == (try PasswordPrivateKeys(new).currentPublicKey))
        for key in [old, new] {
            let sealed = try PasswordPrivateKeys(key).currentPublicKey.seal("a secret", for: register)
            #expect(try both.open(sealed, for: register) == "a secret")
        }
    }

    @Test(arguments: ["", "\n", "secret", "AAAA", "ÄÖÜ"])
    func `A text that is no key is refused without being shown`(_ text: String) throws {
        let good = PasswordPrivateKeys.randomKey()
        let error = #expect(throws: PasswordKeyError.self) { try PasswordPrivateKeys("\(text)") }
        #expect(text.isEmpty || text == "\n" || error?.description.contains(text) == false)
        #expect(throws: PasswordKeyError.self) { try PasswordPublicKey(text) }
        guard !text.isEmpty, text != "\n" else { return }
        let second = #expect(throws: PasswordKeyError.self) { try PasswordPrivateKeys("\(good)\n\(text)") }
        #expect(second?.description.contains("line 2") == true)
    }
}
