import ChatContracts
import TestSupport
import Testing

@Suite("Lists of accounts", .serialized, .timeLimit(.minutes(5)))
struct ListTests {
    @Test func `Every account comes once, page by page, in the order of its lowercase name`() async throws {
        try await withUsersService { users async throws in
            let names = [
                "Zoe", "al", "Alan", "alice", "ALBERT", "al.b", "al_b", "al-b", "al9", "bob", "Bo-", "a..", "aa_",
            ]
            .filter { $0.count >= 3 }
            for name in names { _ = try await users.register(name) }
            let order = names.sorted { $0.lowercased().utf8.lexicographicallyPrecedes($1.lowercased().utf8) }

            for limit in [1, 2, 5, names.count - 1, names.count, 200] {
                var seen: [String] = []
                var after: String?
                repeat {
                    let page = try await users.list(after: after, limit: limit)
                    #expect(page.users.count <= limit)
                    #expect(page.next == nil || page.users.count == limit)
                    seen += page.users.map(\.username)
                    after = page.next
                } while after != nil && seen.count <= names.count
                #expect(seen == order, "pages of \(limit)")
            }
        }
    }

    @Test func `What a chat page needs comes with one query: accounts, and people as the list or a search gives them`()
        async throws
    {
        try await withUsersService { users async throws in
            let alan = try await users.register("alan", displayName: "Alan T.")
            let bob = try await users.register("Bob")
            _ = try await users.register("carol")
            let first = try await users.chatPeople(
                ReadChatPeople(ids: [alan.id, .random()], usernames: ["BOB", "nobody"], limit: 2))
            #expect(Set(first.accounts) == [alan, bob])
            let list = try await users.list(limit: 2)
            #expect(first.people == .value(list))
            let next = try #require(try first.people.get().next)
            let second = try await users.chatPeople(ReadChatPeople(after: next, limit: 2))
            #expect(second.accounts.isEmpty)
            #expect(try second.people.get().users.map(\.username) == ["carol"])
            let found = try await users.chatPeople(ReadChatPeople(text: "t.", limit: 2))
            #expect(try found.people.get().users == [alan])

            let wrong = try await users.chatPeople(ReadChatPeople(ids: [bob.id], limit: 0))
            #expect(wrong.accounts == [bob])
            #expect(throws: Fault.self) { try wrong.people.get() }
            let many = ReadChatPeople(ids: (0..<201).map { _ in .random() }, limit: 2)
            #expect(await fault { try await users.chatPeople(many) }?.field == "ids")
        }
    }

    @Test func `A prefix is taken without case and never as a pattern`() async throws {
        try await withUsersService { users async throws in
            for name in ["Alan", "alice", "bob", "al.x", "a-b", "zzz"] { _ = try await users.register(name) }
            func found(_ prefix: String) async throws -> [String] {
                try await users.list(prefix).users.map(\.username)
            }
            #expect(try await found("AL") == ["al.x", "Alan", "alice"])
            #expect(try await found("al.") == ["al.x"])
            #expect(try await found("a") == ["a-b", "al.x", "Alan", "alice"])
            #expect(try await found("alice") == ["alice"])
            #expect(try await found("z") == ["zzz"])
            for nothing in ["alicex", "c", ".*", "^a", "a.c*", "$gt", "[a-z]", "ä", "a b", "x".repeated(40)] {
                #expect(try await found(nothing) == [], "\(nothing)")
            }
            let second = try await users.list("AL", after: "Al.X", limit: 1)
            #expect(second.users.map(\.username) == ["Alan"] && second.next == "alan")
            #expect(try await users.list("al", after: "zzz").users.isEmpty)
        }
    }

    @Test func `A page of no size or of too many is refused, as are too many keys at once`() async throws {
        try await withUsersService { users async throws in
            for limit in [0, -1, 201, .max] {
                let refusal = await fault { try await users.list(limit: limit) }
                #expect(refusal?.code == .invalid && refusal?.field == "limit")
            }
            let ids = (0..<201).map { _ in UserID.random() }
            #expect(await fault { try await users.lookUp(ids: ids) }?.field == "ids")
            #expect(await fault { try await users.lookUp(ids: Array(ids.prefix(200)), usernames: ["one"]) } != nil)
            #expect(try await users.lookUp(ids: Array(ids.prefix(200))).isEmpty)
        }
    }
}
