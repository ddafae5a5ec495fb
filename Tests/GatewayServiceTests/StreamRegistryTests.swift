import ChatContracts
import Testing

@testable import GatewayService

/// Whose turn it is.
@Suite(.timeLimit(.minutes(5))) struct StreamRegistryTests {
    @Test func `every user with a stream has one turn in each round, as long as there is a stream`() async throws {
        try await Scene().withConnection { connection in
            func stream(of user: UserID) -> LiveStream {
                LiveStream(
                    session: Session(
                        key: SessionToken.random().key, user: user, username: "ada", credentialVersion: 1,
                        agent: "a test", createdAt: .now, lastSeenAt: .now, expiresAt: .now + .seconds(60)),
                    channel: connection.channel, limits: .init(), onEnd: { _ in })
            }
            var registry = StreamRegistry()
            var streams: [LiveStream] = []
            let users = (0..<500).map { _ in UserID.random() }
            // Every other user has two.
            for (index, user) in users.enumerated() {
                for _ in 0...(index % 2) {
                    let stream = stream(of: user)
                    _ = registry.insert(stream, caps: .init())
                    streams.append(stream)
                }
            }
            func check(_ present: Set<UserID>) {
                let credentials = (0..<StreamRegistry.credentialSlots).flatMap {
                    registry.users(inCredentialSlot: $0).flatMap(\.self)
                }
                let digests = (0..<StreamRegistry.digestSlots).flatMap {
                    registry.users(inDigestSlot: $0).flatMap(\.self)
                }
                for turns in [credentials, digests, registry.users.flatMap(\.self)] {
                    #expect(turns.count == present.count)
                    #expect(Set(turns) == present)
                }
            }
            check(Set(users))
            for stream in streams.shuffled().prefix(400) {
                _ = registry.remove(stream)
                streams.removeAll { $0 === stream }
            }
            check(Set(streams.map(\.user)))
            for stream in streams { _ = registry.remove(stream) }
            check([])
        }
    }

    @Test func `slots of digests are made of those of credential versions`() {
        #expect(StreamRegistry.credentialSlots % StreamRegistry.digestSlots == 0)
    }
}
