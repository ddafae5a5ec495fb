import ChatContracts
import LocalStack
import MessageBus
import TestSupport
import Testing

@Suite("The users service in trouble", .serialized, .timeLimit(.minutes(5)))
struct TroubleTests {
    @Test func `When too many passwords are to be checked, the rest is told at once that the service is busy`()
        async throws
    {
        // A hash of a good tenth of a second, one at a time, and a line of one.
        let flags = [
            "--passwords-memory", "64MiB", "--passwords-iterations", "3", "--passwords-threads", "1",
            "--passwords-waiting", "1",
        ]
        try await withUsersService(flags: flags) { users async throws in
            let ada = try await users.register("ada")
            let outcomes = await withTaskGroup(of: Result<User, any Error>.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do {
                            return .success(try await users.signIn("ada"))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            var busy = 0
            for outcome in outcomes {
                switch outcome {
                case .success(let user): #expect(user == ada)
                case .failure(let error):
                    #expect((error as? BusError)?.fault?.code == .busy, "\(error)")
                    busy += 1
                }
            }
            #expect(busy > 0 && busy < outcomes.count)
            #expect(users.metrics.contains("martlet_users_password_hashes_refused_total \(busy)"))
            #expect(try await users.signIn("ada") == ada)
        }
    }

    @Test func `While the database is away reads say so at once and sign-ups wait; both work again by themselves`()
        async throws
    {
        try await withVirtualHost { broker in
            try await withPrivateReplicaSet(nodes: 1) { set in
                let node = set.nodes[0]
                let database = set.administratorAccess()
                try await withUsersService(broker: broker, database: database, waitUntilReady: true) {
                    users async throws in
                    let ada = try await users.register("ada")
                    await node.kill()

                    try await eventually("the service says that it is not ready") {
                        await users.obstacles() == ["database"]
                    }
                    #expect(await fault { try await users.list() }?.code == .unavailable)
                    #expect(await fault { try await users.signIn("ada") }?.code == .unavailable)
                    let id = UserID.random()
                    let command = try users.registration("bob", id: id)
                    await #expect(throws: BusError.self) {
                        try await users.client.call(
                            command, queue: Topology.userCommands, form: .command,
                            context: .background(timeout: .milliseconds(500)))
                    }

                    try await node.start()
                    try await eventually("the waiting sign-up is done") {
                        (try? await users.lookUp(ids: [id]).map(\.username)) == ["bob"]
                    }
                    try await eventually("the service is ready again") { await users.obstacles().isEmpty }
                    #expect(try await users.register("bob", id: id).id == id)
                    #expect(try await users.signIn("ada") == ada)
                }
            }
        }
    }

    @Test func `A service that starts before its database serves as soon as it is there, with its unique index`()
        async throws
    {
        try await withVirtualHost { broker in
            try await withPrivateReplicaSet(nodes: 1) { set in
                let node = set.nodes[0]
                let database = set.administratorAccess()
                await node.kill()
                try await withUsersService(broker: broker, database: database, waitUntilReady: false) {
                    users async throws in
                    try await eventually("the service is not ready") {
                        await users.obstacles().isSuperset(of: ["database", "indexes", "subscriptions"])
                    }
                    let sent = Task { try await users.register("early") }
                    try await node.start()
                    try await eventually("the service serves") {
                        (try? await users.list()) != nil
                    }
                    _ = await sent.result
                    try await eventually("the early sign-up is done") {
                        (try? await users.lookUp(usernames: ["early"]).count) == 1
                    }
                    #expect(await fault { try await users.register("EARLY") }?.code == .usernameTaken)
                }
            }
        }
    }
}
