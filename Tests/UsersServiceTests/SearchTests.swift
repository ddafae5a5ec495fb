import ChatContracts
import Foundation
import MongoStore
import TestSupport
import Testing

@testable import UsersService

@Suite("Finding people by any part of their names", .serialized, .timeLimit(.minutes(5)))
struct SearchTests {
    @Test(arguments: [
        ("Ada Lovelace", "ada lovelace"), ("ÉLODIE", "elodie"), ("e\u{301}lodie", "elodie"),
        ("Çağrı Işık", "cagri isik"),
        ("İstanbul", "istanbul"), ("ISTANBUL", "istanbul"), ("Straße", "strasse"), ("STRASSE", "strasse"),
        ("Søren Ærø", "soren aero"), ("Łukasz", "lukasz"), ("ﬁnn", "finn"), ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("Σίσυφος", "σισυφοσ"),
        ("李小龍", "李小龍"), ("❤️", "❤"), ("👩‍🚀", "👩🚀"), ("  a \t b  ", "a b"), ("zero\u{200b}width", "zerowidth"),
        ("ẞ", "ss"), (".*[a]$", ".*[a]$"),
    ])
    func `Names are compared without case, accents and other differences that people do not mean`(
        _ text: String, _ folded: String
    ) {
        #expect(FoldedText.fold(text) == folded)
        #expect(FoldedText.fold(folded) == folded, "folding twice changes nothing")
    }

    @Test func `Without a directory people are found by their whole username, and nobody is listed`() async throws {
        try await withUsersService(flags: cheapPasswords + ["--users-directory", "false"]) { users async throws in
            for name in ["ann", "annabel"] { _ = try await users.register(name, displayName: "Ann") }
            #expect(try await users.find("ann") == ["ann"])
            #expect(try await users.find(" @ANNABEL ") == ["annabel"])
            for text in ["an", "annab", "Ann Ann", "", "@", "nn"] {
                #expect(try await users.find(text).isEmpty, "\(text)")
            }
            #expect(try await users.list() == UserList(users: []))
            #expect(try await users.list("ann").users.isEmpty)
            let page = try await users.chatPeople(ReadChatPeople(ids: [], usernames: ["annabel"], text: "", limit: 50))
            #expect(page.accounts.map(\.username) == ["annabel"])
        }
    }

    @Test func `Anybody is found by any part of either name, the exact username first, then those that begin so`()
        async throws
    {
        try await withUsersService { users async throws in
            for (username, name) in [
                ("ann", "Somebody"), ("annabel", "B"), ("Annika", "A"), ("joanne", "J"), ("zed", "Anna Zed"),
                ("elodie", "Élodie Français"), ("cagri", "Çağrı Işık"), ("bruce", "李小龍"), ("astronaut", "👩‍🚀 Ripley"),
                ("dots", "a.b*c[d]$e\\f(g"), ("dollar", "$name"),
            ] { _ = try await users.register(username, displayName: name) }

            #expect(try await users.find("ann") == ["ann", "annabel", "Annika", "zed", "joanne"])
            #expect(try await users.find("ANN", limit: 2) == ["ann", "annabel"])
            #expect(try await users.find("ann", limit: 4) == ["ann", "annabel", "Annika", "zed"])
            #expect(try await users.find("nn") == ["ann", "zed", "annabel", "joanne", "Annika"])
            #expect(try await users.find("francais") == ["elodie"])
            #expect(try await users.find("FRANÇAIS") == ["elodie"])
            #expect(try await users.find("e francais") == ["elodie"], "over the space")
            #expect(try await users.find("isik") == ["cagri"])
            #expect(try await users.find("ışık") == ["cagri"])
            #expect(try await users.find("小") == ["bruce"])
            #expect(try await users.find("小龍") == ["bruce"])
            #expect(try await users.find("👩‍🚀") == ["astronaut"])
            #expect(try await users.find("  Ripley ") == ["astronaut"])
            for text in [".b*", "*c[d]$", "\\f(", "a.b*c[d]$e\\f(g"] {
                #expect(try await users.find(text) == ["dots"], "\(text)")
            }
            #expect(try await users.find("$name") == ["dollar"])
            for text in [
                ".*", "a.*b", "^a", "[a-z]", "ann$", "", "   ", "\u{200b}", "nobody", "$where", "x".repeated(5_000),
            ] {
                #expect(try await users.find(text).isEmpty, "\(text)")
            }
            #expect(await fault { try await users.find("a", limit: 0) }?.field == "limit")
            #expect(await fault { try await users.find("a", limit: 201) }?.field == "limit")
        }
    }

    @Test func `A text that is longer than what the index knows is told apart to its end`() async throws {
        try await withUsersService { users async throws in
            for number in 10...14 {
                _ = try await users.register(
                    "member\(number)", displayName: "The same long beginning of number \(number)")
            }
            #expect(try await users.find("same long beginning of number 12") == ["member12"])
            #expect(try await users.find("same long beginning").count == 5)
            #expect(try await users.find("same long beginning of number 15").isEmpty)
            #expect(try await users.find("same long beginning", limit: 2).count == 2)
        }
    }

    @Test func `A new display name is found at once, and the old one no more`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", displayName: "Byron")
            #expect(try await users.find("yron") == ["ada"])
            _ = try await users.updateProfile(ada.id, "Lovelace")
            #expect(try await users.find("yron").isEmpty)
            #expect(try await users.find("velac") == ["ada"])
        }
    }

    @Test func `Accounts from before there was a search are found after a start, also when there are many`()
        async throws
    {
        try await withVirtualHost { broker in
            try await withDatabase { database in
                try await withUsersService(broker: broker, database: database, waitUntilReady: true) {
                    users async throws in
                    for number in 0..<450 {
                        try await users.accounts.insert(
                            BSONDocument { writer in
                                writer.append("_id", BSONBinary(UserID.random().bytes))
                                writer.append("n", "old\(number)")
                                writer.append("k", "old\(number)")
                                writer.append("p", "Früher \(number)")
                                writer.append("d", BSONDate(0))
                            })
                    }
                    #expect(try await users.find("fruher 449").isEmpty)
                }
                try await withUsersService(broker: broker, database: database, replicas: 2, waitUntilReady: true) {
                    users async throws in
                    try await eventually("all are found") {
                        let missing = BSONDocument { writer in
                            writer.document("x") { $0.append("$ne", SearchKeys.rules) }
                        }
                        return try await users.accounts.count(missing) == 0
                    }
                    #expect(try await users.find("fruher 449") == ["old449"])
                    #expect(try await users.find("uher").count == Limits.pageSize)
                }
            }
        }
    }

    @Test func `A display name of the longest folded form has a bounded number of keys`() {
        let keys = SearchKeys(username: "ada", displayName: String(repeating: "\u{FDFA}", count: 64))
        #expect(keys.parts.count <= 160)
        #expect(keys.parts.allSatisfy { $0.unicodeScalars.count <= SearchKeys.partLength })
    }
}
