import ChatContracts
import Testing

@testable import UsersService

@Suite("The rules for passwords")
struct PasswordRuleTests {
    private func fault(_ text: String, username: String = "gwendolyn") -> Fault? {
        do throws(Fault) {
            _ = try Password(text, username: username, field: "password")
            return nil
        } catch {
            return error
        }
    }

    @Test func `More than eight thousand passwords that are commonly tried are refused, in all their usual forms`() {
        let endings = ["", "1", "123", "1234", "!", "1!", "01", "99", "2024", "2025", "@123", "20240101"]
        var tried: Set<String> = CommonPasswords.all
        for word in CommonWords.all {
            let leet = String(word.map { ["a": "4", "e": "3", "i": "1", "o": "0", "s": "$"][$0] ?? $0 })
            for ending in endings { tried.formUnion([word + ending, leet + ending]) }
            tried.formUnion(["1" + word, word + word, word.uppercased() + "7", "!" + leet + "!"])
        }
        tried = tried.filter { $0.count >= Password.minimumCharacters }
        #expect(Set(tried.map { $0.lowercased() }).count > 8_000)
        let taken = tried.filter { fault($0)?.code != .weakPassword }
        #expect(taken.isEmpty, "\(taken.count) are taken, such as \(taken.prefix(5))")
    }

    @Test(arguments: [
        "qwertyuiop", "poiuytrewq", "asdfghjkl;", "1qaz2wsx", "zaq12wsx", "qweasdzxc", "1q2w3e4r5t", "q1w2e3r4t5",
        "qazwsxedc", "abcdefgh", "hgfedcba", "asdf1234", "1234qwer", "987654321", "!@#$%^&*", "aaaaaaaa",
        "abababab",
        "abcabcabc", "12341234", "aaaaaaab".replacing("b", with: "a"), "19851224", "24121985", "12-24-1985",
        "qwertz123",
        "azertyuiop", "        ", "…………………………",
    ])
    func `Ways over a keyboard, repetitions and dates are refused`(_ text: String) {
        #expect(fault(text)?.code == .weakPassword)
    }

    @Test func `Signs, capitals and accents that change nothing do not help`() {
        for text in ["P@$$w0rd!", "Pàsswörd1", "ＰＡＳＳＷＯＲＤ", "!!Dragon!!", "5umm3r2024!", "1L0vey0u", "7r0ub1e99"] {
            #expect(fault(text)?.code == .weakPassword, "\(text)")
        }
    }

    @Test func `The username with little added is refused, and the message says so`() {
        for text in [
            "gwendolyn", "Gwendolyn1", "gwendolyn!", "1gwendolyn1", "gw3nd0lyn", "gwendolyngwendolyn", "GWENDOLYN2024",
            "gwendolyn-abcd", "password gwendolyn",
        ] {
            let fault = fault(text)
            #expect(fault?.code == .weakPassword, "\(text)")
            #expect(fault?.message.contains("username") == true, "\(text): \(fault?.message ?? "")")
        }
        #expect(fault("ada.lovelace1", username: "Ada.Lovelace")?.message.contains("username") == true)
        #expect(fault("adalovelace12", username: "Ada.Lovelace")?.message.contains("username") == true)
        #expect(fault("gwendolyn and a secret of mine") == nil)
        #expect(fault("gwendolyn1", username: "bob") == nil)
    }

    @Test func `The name of the site with little added is refused, and the message says so`() {
        for text in ["martlet1", "Martlet!!", "m4rtl3t2024", "martletmartlet", "mymartlet"] {
            #expect(fault(text)?.message.contains("name of this site") == true, "\(text)")
        }
        #expect(fault("a martlet never lands at all") == nil)
    }

    @Test func `Each message names its rule`() {
        #expect(fault("short")?.message == "A password has at least 8 characters.")
        #expect(fault("🐢🎈")?.message == "A password has at least 8 characters.")
        #expect(fault("x1!".repeated(86))?.message == "A password has at most 256 bytes.")
        #expect(fault("Password123")?.message.contains("commonest") == true)
    }

    @Test func `Random passwords and sentences are taken`() {
        let letters = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        for _ in 0..<2_000 {
            let text = String((0..<12).map { _ in letters.randomElement()! })
            #expect(fault(text) == nil, "\(text)")
        }
        for text in [
            "a long password", "a longer password", "korrekt pferd", "the first one", "correct horse battery staple",
            "my dog eats 14 shoes", "purple-elephant-tango", "Tr0ub4dor&3", "candidate number 5", "wolf and raven",
            "dragon83917204", "3.14 is not pi",
        ] {
            #expect(fault(text) == nil, "\(text): \(fault(text)?.message ?? "")")
        }
    }
}
