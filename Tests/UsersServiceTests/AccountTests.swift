import ChatContracts
import Logging
import MessageBus
import MongoStore
import PasswordHashing
import TestSupport
import Testing

@testable import UsersService

@Suite("Accounts over the bus", .serialized, .timeLimit(.minutes(5)))
struct AccountTests {
    @Test func `Somebody signs up, signs in and is found`() async throws {
        try await withUsersService { users async throws in
            let id = UserID.random()
            let ada = try await users.register("Ada.Lovelace", id: id, displayName: "  Ada Lovelace ")
            #expect(ada.id == id && ada.username == "Ada.Lovelace" && ada.displayName == "Ada Lovelace")
            #expect(try await users.signIn("Ada.Lovelace") == ada)
            #expect(try await users.signIn("aDA.lOVELACE") == ada)
            #expect(try await users.lookUp(ids: [id]) == [ada])
            #expect(try await users.lookUp(usernames: ["ADA.LOVELACE"]) == [ada])
            #expect(try await users.lookUp(ids: [id, id], usernames: ["ada.lovelace", "Ada.Lovelace"]) == [ada])
            #expect(try await users.lookUp(ids: [.random()], usernames: ["nobody", "", "no body", "$ne"]).isEmpty)
            #expect(try await users.lookUp().isEmpty)

            let bob = try await users.register("bob")
            #expect(bob.displayName == "bob")
            #expect(Set(try await users.lookUp(ids: [bob.id], usernames: ["ada.lovelace"])) == [ada, bob])
        }
    }

    @Test func `An account is stored in the documented form, with the password as an Argon2id hash only`() async throws
    {
        try await withUsersService { users async throws in
            let ada = try await users.register("Ada", displayName: "Ada L.", password: "a secret of mine")
            let document = try #require(
                try await users.accounts.findOne(BSONDocument { $0.append("_id", BSONBinary(ada.id.bytes)) }))
            #expect(document.elements().map(\.key) == ["_id", "n", "k", "p", "h", "v", "d", "f", "s", "x"])
            #expect(try document.int64("v") == 1)
            #expect(try document.string("n") == "Ada" && document.string("k") == "ada")
            #expect(try document.string("p") == "Ada L.")
            #expect(try document.date("d") == ada.createdAt.milliseconds)
            #expect(try document.string("h").hasPrefix("$argon2id$v=19$m=64,t=1,p=1$"))
            #expect(!String(decoding: document.bytes, as: UTF8.self).contains("a secret of mine"))
        }
    }

    @Test func `Sign-ups that break a rule are refused and leave nothing behind`() async throws {
        try await withUsersService { users async throws in
            #expect(await fault { try await users.register("ab") }?.field == "username")
            #expect(await fault { try await users.register("ada", displayName: " \n ") }?.field == "displayName")
            #expect(await fault { try await users.register("ada", password: "short") }?.code == .weakPassword)
            #expect(await fault { try await users.register("ada", password: "Password123") }?.code == .weakPassword)
            #expect(
                await fault { try await users.register("ada.lovelace", password: "ADA.Lovelace") }?.code
                    == .weakPassword)
            #expect(try await users.list().users.isEmpty)
        }
    }

    @Test func `Of many who want one name at the same time, in any case, exactly one gets it`() async throws {
        try await withUsersService(replicas: 2) { users async throws in
            let names = ["wanted", "Wanted", "WANTED", "wAnTeD"]
            let outcomes = await withTaskGroup(of: Result<User, any Error>.self) { group in
                for index in 0..<24 {
                    group.addTask {
                        do {
                            return .success(try await users.register(names[index % names.count]))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.compactMap { try? $0.get() }
            #expect(winners.count == 1)
            for case .failure(let error) in outcomes {
                #expect((error as? BusError)?.fault?.code == .usernameTaken, "\(error)")
            }
            #expect(try await users.list().users == winners)
            #expect(try await users.signIn("wanted") == winners.first)
        }
    }

    @Test func `One sign-up sent many times, one after the other and at once, makes one account and one answer`()
        async throws
    {
        try await withUsersService(replicas: 2) { users async throws in
            let id = UserID.random()
            let answers = try await withThrowingTaskGroup(of: User.self) { group in
                for _ in 0..<12 { group.addTask { try await users.register("twice", id: id) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(try await users.register("twice", id: id) == answers.first)
            #expect(try await users.list().users == Array(answers))

            #expect(await fault { try await users.register("other", id: id) }?.field == "id")
            #expect(await fault { try await users.register("twice", id: id, password: "another one") }?.field == "id")
            #expect(await fault { try await users.register("twice") }?.code == .usernameTaken)
        }
    }

    @Test func `A wrong password, an unknown name and a malformed one get the same answer`() async throws {
        try await withUsersService { users async throws in
            _ = try await users.register("ada")
            let wrong = await fault { try await users.signIn("ada", "not the password") }
            #expect(wrong?.code == .wrongCredentials)
            #expect(await fault { try await users.signIn("nobody") } == wrong)
            #expect(await fault { try await users.signIn("no body at all") } == wrong)
            #expect(await fault { try await users.signIn("ada", "") } == wrong)
            #expect(await fault { try await users.signIn("ada", "korrekt pferd" + " ".repeated(300)) } == wrong)
        }
    }

    @Test func `Signing in replaces a hash that was made at another cost`() async throws {
        try await withVirtualHost { broker in
            try await withDatabase { database in
                let carrier = Carrier<User>()
                try await withUsersService(broker: broker, database: database, waitUntilReady: true) {
                    carrier.put(try await $0.register("ada"))
                }
                let ada = try #require(carrier.value)
                try await withUsersService(
                    broker: broker, database: database,
                    flags: ["--passwords-memory", "128KiB", "--passwords-iterations", "2"], waitUntilReady: true
                ) { users async throws in
                    let old = try await users.storedHash(ada.id)
                    #expect(old.parameters.memory == 64)
                    #expect(await fault { try await users.signIn("ada", "wrong password") } != nil)
                    #expect(try await users.storedHash(ada.id) == old)

                    #expect(try await users.signIn("ada") == ada)
                    let new = try await users.storedHash(ada.id)
                    #expect(new.parameters.memory == 128 && new.parameters.iterations == 2)
                    #expect(try await users.signIn("ada") == ada)
                    #expect(try await users.storedHash(ada.id) == new)
                }
            }
        }
    }

    @Test func `A password is changed by who knows the current one, and a repeat changes nothing`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            let wrong = await fault { try await users.changePassword(ada.id, from: "a guess", to: "the second one") }
            #expect(wrong?.code == .wrongCredentials && wrong?.field == "currentPassword")
            let weak = await fault { try await users.changePassword(ada.id, from: "the first one", to: "12345678") }
            #expect(weak?.code == .weakPassword && weak?.field == "newPassword")
            #expect(
                await fault { try await users.changePassword(.random(), from: "the first one", to: "the second one") }?
                    .code == .notFound)
            #expect(try await users.signIn("ada", "the first one") == ada)

            #expect(
                try await users.changePassword(ada.id, from: "the first one", to: "the second one")
                    == AuthenticatedUser(user: ada, credentialVersion: 2))
            let hash = try await users.storedHash(ada.id)
            #expect(
                try await users.changePassword(ada.id, from: "the first one", to: "the second one")
                    == AuthenticatedUser(user: ada, credentialVersion: 2))
            #expect(try await users.storedHash(ada.id) == hash)
            #expect(try await users.signIn("ada", "the second one") == ada)
            #expect(await fault { try await users.signIn("ada", "the first one") }?.code == .wrongCredentials)
        }
    }

    @Test func `Of two changes of one password at the same time, one wins`() async throws {
        try await withUsersService(replicas: 2) { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            let candidates = (0..<6).map { "candidate number \($0)" }
            let winners = await withTaskGroup(of: String?.self) { group in
                for candidate in candidates {
                    group.addTask {
                        let user = try? await users.changePassword(ada.id, from: "the first one", to: candidate)
                        return user == nil ? nil : candidate
                    }
                }
                return await group.reduce(into: [String]()) { if let winner = $1 { $0.append(winner) } }
            }
            let winner = try #require(winners.first)
            #expect(winners.count == 1)
            #expect(try await users.signIn("ada", winner) == ada)
            for loser in candidates where loser != winner {
                #expect(await fault { try await users.signIn("ada", loser) }?.code == .wrongCredentials)
            }
        }
    }

    @Test func `What somebody says of themselves and their name are changed apart from each other`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", displayName: "Ada")
            #expect(ada.about == nil)
            let told = try await users.updateProfile(ada.id, about: "  Sums,\r\nand engines ")
            #expect(told.about == "Sums, and engines" && told.displayName == "Ada")
            let renamed = try await users.updateProfile(ada.id, "Countess")
            #expect(renamed.about == "Sums, and engines" && renamed.displayName == "Countess")
            #expect(try await users.lookUp(ids: [ada.id]) == [renamed])
            #expect(try await users.signIn("ada") == renamed)
            #expect(try await users.updateProfile(ada.id) == renamed, "nothing to change")
            #expect(await fault { try await users.updateProfile(ada.id, "New", about: "\u{0}") }?.field == "about")
            #expect(try await users.lookUp(ids: [ada.id]) == [renamed], "half a change is none")
            let silent = try await users.updateProfile(ada.id, about: " ")
            #expect(silent.about == nil && silent.displayName == "Countess")
            #expect(try await users.lookUp(ids: [ada.id]) == [silent])
        }
    }

    @Test func `A new display name is stored, and an event tells the account's devices`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada")
            let events = EventSubscription(
                bus: users.bus, instance: "listener", keys: [EventName.userChanged], logger: .init(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await events.run() }
                try await eventually { events.isSubscribed }
                #expect(await fault { try await users.updateProfile(ada.id, "") }?.field == "displayName")
                #expect(await fault { try await users.updateProfile(.random(), "Nobody") }?.code == .notFound)
                let changed = try await users.updateProfile(ada.id, " Countess \"Ada\" ")
                #expect(changed.displayName == "Countess \"Ada\"" && changed.id == ada.id)
                #expect(try await users.lookUp(ids: [ada.id]) == [changed])
                #expect(try await users.signIn("ada") == changed)

                for await event in events.events {
                    guard case .events(let batch) = event else { continue }
                    let event = try #require(batch.events.first)
                    #expect(batch.events.count == 1)
                    #expect(event.name == EventName.userChanged && event.recipients == [ada.id])
                    #expect(try decode(User.self, event.data) == changed)
                    break
                }
                group.cancelAll()
            }
        }
    }
}
