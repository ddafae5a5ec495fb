import ChatContracts
import Testing

@testable import UsersService

@Suite("The rules for accounts")
struct DomainTests {
    @Test(arguments: ["abc", "ABC", "a.b", "a_b-c", "...", "007", "x".repeated(32), "Ada.Lovelace_1815-52"])
    func `Usernames that keep the rules`(_ text: String) throws {
        #expect(try Username(text).text == text)
    }

    @Test(arguments: [
        "", "ab", "x".repeated(33), "a b", " abc", "abc ", "abc\n", "abc\0", "müller", "a/b", "a@b", "абв", "ａｂｃ",
        "a\u{301}bc", "$where", "{}{}",
    ])
    func `Usernames that break them`(_ text: String) throws {
        let fault = #expect(throws: Fault.self) { try Username(text) }
        #expect(fault?.code == .invalid && fault?.field == "username")
    }

    @Test func `Usernames compare without case, in ASCII only`() throws {
        #expect(try Username("Ada.LOVELACE_1-Z").key == "ada.lovelace_1-z")
        #expect(Username.key(of: "ÄB[") == "Äb[")
    }

    @Test(arguments: [
        ("Ada", "Ada"), ("  Ada Lovelace\t\n", "Ada Lovelace"), ("x", "x"), ("李小龍", "李小龍"),
        ("\u{3000}山\u{3000}", "山"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"), ("é".repeated(64), "é".repeated(64)), ("👍🏽".repeated(64), "👍🏽".repeated(64)),
    ])
    func `Display names are kept without the white space around them`(_ given: String, _ kept: String) throws {
        #expect(try DisplayName(given).text == kept)
    }

    @Test(arguments: [
        "", "   ", "\n", "x".repeated(65), "a\nb", "a\u{0}b", "a\u{7f}b", "a\u{85}b", "a\u{2028}b", "a\u{202e}b",
        "a\u{2066}b", "\u{200b}", "\u{200d}\u{200d}", "\u{fe0f}", "\u{115f}",
        "x" + "\u{301}".repeated(300),
    ])
    func `Display names that are empty, too long, invisible, or more than one plain line`(_ text: String) throws {
        let fault = #expect(throws: Fault.self) { try DisplayName(text) }
        #expect(fault?.code == .invalid && fault?.field == "displayName")
    }

    @Test(arguments: [
        ("", ""), (" \n ", ""), ("Swifts", "Swifts"), (" a\r\n\r\n b\u{2028}c\n", "a b c"),
        ("👩‍👩‍👧‍👦".repeated(51), "👩‍👩‍👧‍👦".repeated(51)), ("é".repeated(160), "é".repeated(160)),
    ])
    func `What somebody says of themselves is kept on one line`(_ given: String, _ kept: String) throws {
        #expect(try About(given).text == kept)
    }

    @Test(arguments: [
        "x".repeated(161), "👩‍👩‍👧‍👦".repeated(60), "a\u{0}b", "a\u{202e}b", "\u{200b}",
    ])
    func `Nothing that is too long, invisible or not plain is said of somebody`(_ text: String) throws {
        let fault = #expect(throws: Fault.self) { try About(text) }
        #expect(fault?.code == .invalid && fault?.field == "about")
    }

    @Test(arguments: [
        "12 34 56", "korrekt pferd", "ÄÖÜßÄÖÜ?", "x1!".repeated(85) + "y", "👩‍👩‍👧‍👦🐢🎈🚲⛵🏔🦊🍇", "李小龍山川草木鳥",
        "ada and a secret of mine", "correct horse battery staple", "candidate number 4", "gx7-Tq2w",
    ])
    func `Passwords that are taken`(_ text: String) throws {
        #expect(try Password(text, username: "ada", field: "password").bytes == Array(text.utf8))
    }

    @Test(arguments: [
        "", "1234567", "ÄÖÜ", "ÄÖÜÄ", "🐢🎈", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "x".repeated(257), "é".repeated(129), "        ", "password",
        "PassWord1", "12345678", "qwertyuiop", "ILOVEYOU",
        "p@ssw0rd", "Ada.Lovelace", "ada.lovelace", "ADA.LOVELACE",
    ])
    func `Passwords that are too short, too long, common, or the username`(_ text: String) throws {
        let fault = #expect(throws: Fault.self) {
            try Password(text, username: "Ada.Lovelace", field: "newPassword")
        }
        #expect(fault?.code == .weakPassword && fault?.field == "newPassword")
    }

    @Test func `The list of common passwords is long, lowercase, and holds only what the length would let through`() {
        #expect(CommonPasswords.all.count >= 500)
        for password in CommonPasswords.all {
            #expect(password == password.lowercased() && password.count >= Password.minimumCharacters)
        }
    }

    @Test func `A page of a list lies between bounds`() {
        #expect(UsernameRange(prefix: "", after: nil) == .init(lower: nil, upper: nil))
        #expect(UsernameRange(prefix: "Al", after: nil) == .init(lower: .from("al"), upper: "am"))
        #expect(UsernameRange(prefix: "al", after: "Alice") == .init(lower: .after("alice"), upper: "am"))
        #expect(UsernameRange(prefix: "al", after: "aa") == .init(lower: .from("al"), upper: "am"))
        #expect(UsernameRange(prefix: "", after: "alice") == .init(lower: .after("alice"), upper: nil))
        #expect(UsernameRange(prefix: "z", after: nil) == .init(lower: .from("z"), upper: "{"))
        #expect(UsernameRange(prefix: "al", after: "al") == .init(lower: .after("al"), upper: "am"))
    }

    @Test func `No username lies in a range that begins with a forbidden character, or after its end`() {
        #expect(UsernameRange(prefix: "a*", after: nil) == nil)
        #expect(UsernameRange(prefix: ".*$", after: nil) == nil)
        #expect(UsernameRange(prefix: "x".repeated(33), after: nil) == nil)
        #expect(UsernameRange(prefix: "al", after: "am") == nil)
        #expect(UsernameRange(prefix: "al", after: "zoe") == nil)
    }
}

extension UsernameRange {
    fileprivate init(lower: Lower?, upper: String?) {
        self.init(prefix: "", after: nil)!
        self.lower = lower
        self.upper = upper
    }
}

extension String {
    func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
