import ChatContracts
import Foundation
import Logging
import MessageBus
import MongoStore
import TestSupport
import Testing

@testable import UsersService

@Suite("Credential versions", .serialized, .timeLimit(.minutes(5)))
struct CredentialVersionTests {
    @Test
    func `Every change of a password raises the version, and sign-ins tell the one that they were checked against`()
        async throws
    {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            #expect(try await users.authenticate("ada", "the first one").credentialVersion == 1)
            let second = try await users.changePassword(ada.id, from: "the first one", to: "the second one")
            #expect(second == AuthenticatedUser(user: ada, credentialVersion: 2))
            #expect(try await users.authenticate("ada", "the second one").credentialVersion == 2)
            let third = try await users.changePassword(
                ada.id, from: "the second one", to: "the third one", version: 2)
            #expect(third.credentialVersion == 3)
            let bob = try await users.register("bob", password: "the first one")
            // Those of version 1 go without saying.
            #expect(try await users.credentialVersions([ada.id, bob.id, .random()]) == [ada.id: 3])
            #expect(try await users.credentialVersions([]).isEmpty)
            let tooMany = (0...ReadCredentialVersions.maximumUsers).map { _ in UserID.random() }
            #expect(await fault { try await users.credentialVersions(tooMany) }?.field == "users")
        }
    }

    @Test func `An account from before there were versions has the first`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            let account = BSONDocument { $0.append("_id", BSONBinary(ada.id.bytes)) }
            _ = try await users.accounts.update(
                account, update: BSONDocument { $0.document("$unset") { $0.append("v", true) } })
            #expect(try await users.authenticate("ada", "the first one").credentialVersion == 1)
            #expect(try await users.credentialVersions([ada.id]).isEmpty)
            let changed = try await users.changePassword(ada.id, from: "the first one", to: "the second one")
            #expect(changed.credentialVersion == 2)
        }
    }

    @Test func `A change that comes again after another one changes nothing`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            _ = try await users.changePassword(ada.id, from: "the first one", to: "the second one")
            _ = try await users.changePassword(ada.id, from: "the second one", to: "the first one", version: 2)
            let late = await fault {
                try await users.changePassword(ada.id, from: "the first one", to: "the second one")
            }
            #expect(late?.code == .wrongCredentials)
            #expect(try await users.authenticate("ada", "the first one").credentialVersion == 3)
        }
    }

    @Test func `A change is announced before it is answered, and a repeat announces it again`() async throws {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            let events = EventSubscription(
                bus: users.bus, instance: "listener", keys: [EventName.credentialsChanged],
                logger: .init(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await events.run() }
                try await eventually { events.isSubscribed }
                for _ in 0..<2 {
                    _ = try await users.changePassword(ada.id, from: "the first one", to: "the second one")
                }
                #expect(
                    await fault {
                        try await users.changePassword(ada.id, from: "a wrong one", to: "the third one", version: 2)
                    } != nil)
                _ = try await users.changePassword(ada.id, from: "the second one", to: "the third one", version: 2)
                var heard: [CredentialsChanged] = []
                for await event in events.events {
                    guard case .events(let batch) = event else { continue }
                    for event in batch.events where event.name == EventName.credentialsChanged {
                        #expect(event.recipients == [ada.id])
                        heard.append(try decode(CredentialsChanged.self, event.data))
                    }
                    if heard.count == 3 { break }
                }
                #expect(heard.map(\.version) == [2, 2, 3])
                #expect(heard.allSatisfy { $0.user == ada.id })
                group.cancelAll()
            }
        }
    }

    @Test func `A password that was sealed for another request or another key is refused, and nothing happens`()
        async throws
    {
        try await withUsersService { users async throws in
            let ada = try await users.register("ada", password: "the first one")
            let other = try PasswordPrivateKeys(PasswordPrivateKeys.randomKey()).currentPublicKey
            let binding = SignIn.passwordBinding(username: "ada")
            for password in [
                try other.seal("the first one", for: binding),
                try users.passwordKey.seal("the first one", for: SignIn.passwordBinding(username: "bob")),
                SealedPassword(text: "the first one"),
            ] {
                let fault = await fault {
                    try await users.client.call(
                        SignIn(username: "ada", password: password), queue: Topology.userSignIns, form: .query,
                        context: .background(timeout: .seconds(20)))
                }
                #expect(fault?.code == .invalid && fault?.field == "password")
            }
            #expect(try await users.signIn("ada", "the first one") == ada)
        }
    }

    @Test func `A key that was current before goes on opening`() async throws {
        try await withVirtualHost { broker in
            try await withDatabase { database in
                let old = PasswordPrivateKeys.randomKey()
                let new = PasswordPrivateKeys.randomKey()
                try await withUsersService(
                    broker: broker, database: database, keys: "\(new)\n\(old)", waitUntilReady: true
                ) { users async throws in
                    let ada = try await users.register("ada")
                    let binding = SignIn.passwordBinding(username: "ada")
                    let sealed = try PasswordPrivateKeys(old).currentPublicKey.seal("korrekt pferd", for: binding)
                    let answer = try await users.client.call(
                        SignIn(username: "ada", password: sealed), queue: Topology.userSignIns, form: .query,
                        context: .background(timeout: .seconds(20)))
                    #expect(answer.user == ada)
                }
            }
        }
    }
}
