import AMQP
import ChatContracts
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import MessageBus

private let look = LookUpUsers(usernames: ["ada"])
private let update = UpdateProfile(user: UserID(high: 0, low: 1), displayName: "Ada")

private func user(_ name: String) -> User {
    User(id: UserID(high: 0, low: 1), username: name, displayName: name, createdAt: Timestamp(milliseconds: 0))
}

@Suite(.timeLimit(.minutes(5))) struct RequestTests {
    @Test func `a request gets its reply, parsed or as the service wrote it`() async throws {
        try await withBus { fixture in
            let server = fixture.server(of: Topology.userQueries)
            server.handle(LookUpUsers.self) { request, _ in UserList(users: request.usernames.map { user($0) }) }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let reply = try await client.call(look, queue: Topology.userQueries, form: .query)
                #expect(reply.users.map(\.username) == ["ada"])
                let raw = try await client.callRaw(look, queue: Topology.userQueries, form: .query)
                #expect(String(decoding: raw, as: UTF8.self).contains(#""username":"ada""#))
                #expect(client.callsInFlight == 0)
            }
        }
    }

    @Test func `the context travels along and is set while the handler runs`() async throws {
        try await withBus { fixture in
            let server = fixture.server()
            let seen = Box<[RequestContext?]>()
            server.handle(UpdateProfile.self) { _, context in
                seen.append([context, RequestContext.current])
                return user("ada")
            }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                let given = RequestContext(requestID: "r1", traceparent: trace, timeout: .seconds(3))
                _ = try await client.call(update, queue: Topology.userCommands, form: .command, context: given)
                let ambient = RequestContext(requestID: "r2", traceparent: trace, timeout: .seconds(4))
                _ = try await ambient.run {
                    try await client.call(update, queue: Topology.userCommands, form: .command)
                }
                #expect(seen.values == [[given, given], [ambient, ambient]])
            }
        }
    }

    @Test func `many concurrent calls each get their own reply`() async throws {
        try await withBus { fixture in
            let server = fixture.server(of: Topology.userQueries, prefetch: 200, concurrency: 32)
            server.handle(LookUpUsers.self) { request, _ in UserList(users: request.usernames.map { user($0) }) }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<1_000 {
                        group.addTask {
                            let name = "user\(number)"
                            let reply = try await client.call(
                                LookUpUsers(usernames: [name]), queue: Topology.userQueries, form: .query)
                            return reply.users.map(\.username) == [name]
                        }
                    }
                    for try await right in group { #expect(right) }
                }
            }
        }
    }

    @Test func `a fault is the answer and settles the request`() async throws {
        try await withBus { fixture in
            let server = fixture.server()
            server.handle(UpdateProfile.self) { _, _ in throw Fault(.notFound, "No such user.", field: "user") }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let error = await failure { () async throws(BusError) in
                    try await client.call(update, queue: Topology.userCommands, form: .command)
                }
                #expect(error?.fault == Fault(.notFound, "No such user.", field: "user"))
                #expect(error?.outcomeUnknown == false)
            }
            try await eventually("the queue is empty") {
                try await fixture.messages(in: Topology.userCommands) == 0
            }
        }
    }

    @Test func `without a queue, with a full queue or without a subscription nothing was sent`() async throws {
        try await withBus { fixture in
            let client = fixture.client()
            let early = await failure { () async throws(BusError) in
                try await client.call(look, queue: Topology.userQueries, form: .query)
            }
            #expect(early?.kind == .notSent)
            try await running([client]) {
                try await eventually("subscription") { client.isSubscribed }
                let missing = await failure { () async throws(BusError) in
                    try await client.call(look, queue: "nowhere", form: .command)
                }
                #expect(missing?.kind == .notSent)
                try await fixture.bus.consuming.declare([
                    .queue(name: "tiny", arguments: ["x-max-length": 1, "x-overflow": "reject-publish"]),
                    .binding(queue: "tiny", exchange: Topology.commandsExchange, routingKey: "tiny"),
                ])
                try await fixture.publish("{}", type: "x", to: "tiny")
                let full = await failure { () async throws(BusError) in
                    try await client.call(look, queue: "tiny", form: .command)
                }
                #expect(full?.kind == .notSent)
            }
        }
    }

    @Test func `no reply in time is an unknown outcome, and the late reply harms nobody`() async throws {
        try await withBus { fixture in
            let server = fixture.server()
            let calls = Box<Int>()
            server.handle(UpdateProfile.self) { _, _ in
                calls.append(1)
                if calls.count == 1 { try await Task.sleep(for: .milliseconds(600)) }
                return user("n\(calls.count)")
            }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let start = ContinuousClock.now
                let error = await failure { () async throws(BusError) in
                    try await client.call(
                        update, queue: Topology.userCommands, form: .command,
                        context: RequestContext(requestID: "r", timeout: .milliseconds(200)))
                }
                #expect(error?.kind == .outcomeUnknown)
                #expect((Duration.milliseconds(200)...Duration.milliseconds(550)).contains(ContinuousClock.now - start))
                let reply = try await client.call(update, queue: Topology.userCommands, form: .command)
                #expect(reply.username == "n2")
                try await Task.sleep(for: .milliseconds(600))
                #expect(client.callsInFlight == 0)
            }
        }
    }

    @Test func `a command that nobody takes is accepted all the same, and its asker knows`() async throws {
        try await withBus { fixture in
            let client = fixture.client()
            try await running([client]) {
                try await eventually("subscription") { client.isSubscribed }
                let error = await failure { () async throws(BusError) in
                    try await client.call(
                        update, queue: Topology.userCommands, form: .command,
                        context: RequestContext(requestID: "r", timeout: .seconds(3)))
                }
                #expect(error?.kind == .outcomeUnknown)
                #expect(error?.isAccepted == true)
            }
        }
    }

    @Test func `a query that nobody takes expires in its queue, a command stays`() async throws {
        try await withBus { fixture in
            let client = fixture.client()
            try await running([client]) {
                try await eventually("subscription") { client.isSubscribed }
                let context = RequestContext(requestID: "r", timeout: .milliseconds(300))
                for (queue, form) in [
                    (Topology.userQueries, RequestForm.query), (Topology.userCommands, .command),
                ] {
                    let error = await failure { () async throws(BusError) in
                        try await client.call(look, queue: queue, form: form, context: context)
                    }
                    #expect(error?.kind == .outcomeUnknown)
                }
                try await eventually("the query is gone") { try await fixture.messages(in: Topology.userQueries) == 0 }
                try await eventually("the command is there") {
                    try await fixture.messages(in: Topology.userCommands) == 1
                }
            }
        }
    }

    @Test func `calls beyond the limit are refused, and cancelled ones end at once`() async throws {
        try await withBus { fixture in
            let client = fixture.client(maximumInFlight: 1)
            try await running([client]) {
                try await eventually("subscription") { client.isSubscribed }
                let waiting = Task {
                    await failure { () async throws(BusError) in
                        try await client.call(update, queue: Topology.userCommands, form: .command)
                    }
                }
                try await eventually("a call is under way") { client.callsInFlight == 1 }
                let refused = await failure { () async throws(BusError) in
                    try await client.call(update, queue: Topology.userCommands, form: .command)
                }
                #expect(refused?.kind == .notSent)
                let start = ContinuousClock.now
                waiting.cancel()
                #expect(await waiting.value?.kind == .outcomeUnknown)
                #expect(ContinuousClock.now - start < .seconds(1))
                #expect(client.callsInFlight == 0)
            }
        }
    }

    @Test func `a command whose handler fails comes again, with a growing count, until it works`() async throws {
        try await withBus { fixture in
            let server = fixture.server()
            let tries = Box<ContinuousClock.Instant>()
            server.handle(UpdateProfile.self) { _, _ in
                tries.append(.now)
                if tries.count < 3 { throw CancellationError() }
                return user("ada")
            }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let reply = try await client.call(update, queue: Topology.userCommands, form: .command)
                #expect(reply.username == "ada")
                let times = tries.values
                try #require(times.count == 3)
                #expect(times[1] - times[0] >= .milliseconds(100))
                #expect(times[2] - times[1] >= .milliseconds(200))
            }
        }
    }

    @Test func `a query whose handler fails is refused at once`() async throws {
        try await withBus { fixture in
            let server = fixture.server(of: Topology.userQueries)
            server.handle(LookUpUsers.self) { _, _ in throw CancellationError() }
            let client = fixture.client()
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let error = await failure { () async throws(BusError) in
                    try await client.call(look, queue: Topology.userQueries, form: .query)
                }
                #expect(error?.fault?.code == .unavailable)
            }
        }
    }

    @Test func `malformed commands are dead-lettered with the reason, and their neighbours answered`() async throws {
        try await withBus { fixture in
            let malformed = [
                ("not json", UpdateProfile.typeName), (#"{"user":5}"#, UpdateProfile.typeName), ("{}", "later.v9"),
                ("{}", nil),
            ]
            let server = fixture.server(concurrency: 1)
            server.handle(UpdateProfile.self) { request, _ in user(request.displayName ?? "") }
            let client = fixture.client()
            for (body, type) in malformed { try await fixture.publish(body, type: type, to: Topology.userCommands) }
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let reply = try await client.call(update, queue: Topology.userCommands, form: .command)
                #expect(reply.username == "Ada")
                let refused = await failure { () async throws(BusError) in
                    try await client.call(look, queue: Topology.userCommands, form: .command)
                }
                #expect(refused?.fault?.code == .invalid)
                let letters = try await fixture.take(5, from: Topology.userDeadLetters)
                #expect(
                    letters.map { String(decoding: $0.message.body, as: UTF8.self) }.prefix(4)
                        == malformed.map(\.0)[...])
                let reasons = letters.map { $0.message.properties.headers["x-martlet-reason"]?.stringValue }
                #expect(
                    reasons == [
                        "The body is not valid JSON.", "A field has the wrong type. Field: user",
                        "No such type of request.", "No such type of request.", "No such type of request.",
                    ])
                for letter in letters {
                    #expect(letter.message.properties.headers["x-martlet-queue"]?.stringValue == Topology.userCommands)
                    #expect(letter.message.properties.persistent)
                }
                #expect(letters[1].message.properties.type == UpdateProfile.typeName)
            }
            #expect(try await fixture.messages(in: Topology.userCommands) == 0)
        }
    }

    @Test func `a malformed query is refused and leaves nothing behind`() async throws {
        try await withBus { fixture in
            let server = fixture.server(of: Topology.userSignIns)
            server.handle(SignIn.self) { _, _ in AuthenticatedUser(user: user("ada"), credentialVersion: 1) }
            let client = fixture.client()
            try await fixture.publish("secret", type: SignIn.typeName, to: Topology.userSignIns, persistent: false)
            try await running([server, client]) {
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                let error = await failure { () async throws(BusError) in
                    try await client.call(look, queue: Topology.userSignIns, form: .query)
                }
                #expect(error?.fault?.code == .invalid)
                #expect(try await fixture.messages(in: Topology.userDeadLetters) == 0)
            }
        }
    }

    @Test func `a graceful shutdown lets running handlers answer`() async throws {
        try await withBus { fixture in
            let server = fixture.server()
            let started = Box<Int>()
            server.handle(UpdateProfile.self) { _, _ in
                started.append(1)
                try await Task.sleep(for: .milliseconds(300))
                return user("ada")
            }
            let client = fixture.client()
            try await running([client]) {
                let group = ServiceGroup(services: [server], logger: BusFixture.logger)
                async let served: Void = group.run()
                try await eventually("subscriptions") { client.isSubscribed && server.isSubscribed }
                async let reply = client.call(update, queue: Topology.userCommands, form: .command)
                try await eventually("the handler runs") { started.count == 1 }
                await group.triggerGracefulShutdown()
                #expect(try await reply.username == "ada")
                try await served
                try await eventually("nothing is left") { try await fixture.messages(in: Topology.userCommands) == 0 }
            }
        }
    }
}
