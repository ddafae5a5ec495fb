import ChatContracts
import Logging
import Synchronization
import Testing

@testable import GatewayService

/// What a gateway knows of credential versions, and how it asks for them.
@Suite(.timeLimit(.minutes(5))) struct CredentialVersionsTests {
    /// A users service that counts questions.
    private final class Source: Sendable {
        struct Away: Error {}

        private struct State {
            var versions: [UserID: Int64] = [:]
            var questions: [Int] = []
            var isAway = false
        }

        private let state = Mutex(State())

        var questions: [Int] { state.withLock { $0.questions } }
        func set(_ user: UserID, _ version: Int64) { state.withLock { $0.versions[user] = version } }
        func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

        func ask(_ users: [UserID]) async throws -> [UserID: Int64] {
            try await Task.sleep(for: .milliseconds(20))
            return try state.withLock { state in
                state.questions.append(users.count)
                if state.isAway { throw Away() }
                return state.versions.filter { users.contains($0.key) }
            }
        }
    }

    private let source = Source()
    private let credentials: CredentialVersions
    private let logger: Logger

    init() {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        credentials = CredentialVersions(logger: logger) { [source] in try await source.ask($0) }
    }

    @Test func `a version that was heard or asked for outdates the lower ones, and never sinks`() async {
        let user = UserID.random()
        #expect(!credentials.isOutdated(1, of: user))
        credentials.raise(user, to: 3)
        credentials.raise(user, to: 2)
        #expect(credentials.isOutdated(2, of: user) && !credentials.isOutdated(3, of: user))
        source.set(user, 5)
        await credentials.refresh(user)
        #expect(credentials.isOutdated(4, of: user) && !credentials.isOutdated(5, of: user))
        #expect(!credentials.isOutdated(1, of: .random()))
    }

    @Test func `many who ask at once share few questions`() async {
        let users = (0..<500).map { _ in UserID.random() }
        for user in users { source.set(user, 2) }
        await withTaskGroup(of: Void.self) { group in
            for user in users + users { group.addTask { await credentials.refresh(user) } }
        }
        #expect(users.allSatisfy { credentials.isOutdated(1, of: $0) })
        #expect(source.questions.count < 10)
        let before = source.questions.count
        await credentials.refresh((0..<2_500).map { _ in UserID.random() })
        #expect(source.questions.dropFirst(before) == [1_000, 1_000, 500])
    }

    @Test func `while nobody answers, look-ups go by what is known and do not wait`() async {
        let known = UserID.random()
        credentials.raise(known, to: 2)
        source.setAway(true)
        await credentials.refresh(known)
        let asked = source.questions.count
        let start = ContinuousClock.now
        for _ in 0..<1_000 { await credentials.refresh(UserID.random()) }
        #expect(.now - start < .seconds(2))
        #expect(source.questions.count == asked, "nobody asks again at once")
        #expect(credentials.isOutdated(1, of: known))
        #expect(!credentials.isOutdated(1, of: .random()))
    }

    @Test func `when nobody answers any more, no look-up waits for a second question`() async {
        source.setAway(true)
        await refreshAtOnce(500)
        // Two ask at the same time; who waited for their turn goes on when the first has failed.
        #expect(source.questions.count <= 2)
    }

    @Test func `after a pause one look-up tries again, and the others do not wait for it`() async {
        let credentials = CredentialVersions(logger: logger, pause: .milliseconds(500)) { [source] in
            try await source.ask($0)
        }
        source.setAway(true)
        await credentials.refresh(.random())
        let asked = source.questions.count
        let limit = ContinuousClock.now + .seconds(30)
        while source.questions.count == asked, .now < limit { await refreshAtOnce(100, credentials) }
        #expect(source.questions.dropFirst(asked) == [1])

        source.setAway(false)
        let user = UserID.random()
        source.set(user, 2)
        while !credentials.isOutdated(1, of: user), .now < limit { await credentials.refresh(user) }
        let known = source.questions.count
        await refreshAtOnce(100, credentials)
        #expect(source.questions.count > known, "an answer ends the pause")
    }

    private func refreshAtOnce(_ count: Int, _ credentials: CredentialVersions? = nil) async {
        let credentials = credentials ?? self.credentials
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { await credentials.refresh(.random()) } }
        }
    }
}
