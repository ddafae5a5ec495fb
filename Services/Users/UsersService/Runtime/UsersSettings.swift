public import ServiceKit

/// The settings of the users service, including those of the broker and its database.
public struct UsersSettings: Sendable {
    static let privateKeys = Setting<String>.required(
        "passwords.privateKeys", "Keys that open people's passwords, one a line, the first is the current one",
        secret: true)
    static let hashingThreads = Setting(
        "passwords.threads", "Passwords hashed at the same time; 0 for one on each core", default: 0, in: 0...256)
    static let hashingWaiting = Setting(
        "passwords.waiting", "Passwords that may wait for their turn, for each thread, before the service is busy",
        default: 32, in: 0...10_000)
    static let hashingTimeout = Setting<Duration>(
        "passwords.timeout", "How long a password may wait for its turn", default: .seconds(3),
        in: .milliseconds(100)...(.seconds(60)))
    static let hashingMemory = Setting(
        "passwords.memory", "Memory of one Argon2id hash", default: ByteCount.mebibytes(19),
        in: .kibibytes(8)...(.mebibytes(1_024)))
    static let hashingIterations = Setting(
        "passwords.iterations", "Passes of one Argon2id hash over its memory", default: 2, in: 1...100)
    static let commandConcurrency = Setting(
        "users.commands.concurrency", "Changes to accounts worked on at the same time", default: 16, in: 1...1_000)
    static let queryConcurrency = Setting(
        "users.queries.concurrency", "Look-ups worked on at the same time", default: 64, in: 1...10_000)
    static let directory = Setting(
        "users.directory",
        "Whether everybody can list and search all accounts; otherwise people are found by their whole username only",
        default: true)

    /// Every setting that ``buildUsersService(_:)`` reads.
    public static let all: [any DeclaredSetting] =
        [
            privateKeys, hashingThreads, hashingWaiting, hashingTimeout, hashingMemory, hashingIterations,
            commandConcurrency,
            queryConcurrency, directory,
        ] + BusSettings.all + DatabaseSettings.all
}
