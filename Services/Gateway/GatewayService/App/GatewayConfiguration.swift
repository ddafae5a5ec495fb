import ChatContracts
import Foundation
import ServiceKit

/// What ``GatewaySettings`` say, checked.
struct GatewayConfiguration: Sendable {
    var host = "127.0.0.1"
    var port = 0
    var isSecure = false
    var publicOrigins: Set<String> = []
    var trustedProxies: [NetworkRange] = []
    var capacity = ConnectionCapacity(wanted: 20_000, perAddress: 20_000, descriptors: 20_000, databaseThreads: 8)
    var maximumInFlight = 1_024
    var idleTimeout: Duration = .seconds(60)
    var requestTimeout: Duration = .seconds(10)
    var logsRequests = true
    /// The folder with `Templates` and `Public`; nil for the built-in ones.
    var webDirectory: URL?
    var emoji = EmojiAsset.Sources()
    var sessionLifetime = SessionLifetime()
    var sessionsPerUser = 50
    var sessionCacheLifetime: Duration = .seconds(10)
    /// What passwords are sealed with.
    let passwordKey: PasswordPublicKey
    var sameSite = SessionCookie.SameSite.lax
    var sendDeadline: Duration = .seconds(5)
    var sendRate = Rate(perSecond: 10, burst: 20)
    var attemptRate = Rate(perSecond: 20.0 / 60, burst: 20)
    var networkAttemptRate = Rate(perSecond: 100.0 / 60, burst: 100)
    var guessingDelay: Duration = .seconds(1)
    var requestRate = Rate(perSecond: 50, burst: 200)
    var anonymousRate = Rate(perSecond: 50, burst: 200)
    var assetRate = Rate(perSecond: 500, burst: 2_000)
    var passwordChangeRate = Rate(perSecond: 30.0 / 3_600, burst: 5)
    var groupChangeRate = Rate(perSecond: 1, burst: 30)
    var requestsInFlight = 8
    var streams = LiveStreams.Configuration()

    init(passwordKey: PasswordPublicKey) { self.passwordKey = passwordKey }

    init(_ settings: SettingsReader) throws(SettingsError) {
        let key = try settings.value(GatewaySettings.passwordKey)
        do throws(PasswordKeyError) {
            passwordKey = try PasswordPublicKey(key)
        } catch {
            throw SettingsError("passwords.publicKey: \(error); make it with `martlet-setup secrets`")
        }
        host = try settings.value(GatewaySettings.host)
        port = try settings.value(GatewaySettings.port)
        isSecure = try settings.value(GatewaySettings.secure)
        publicOrigins = Set(try settings.value(GatewaySettings.origins).map { $0.lowercased() })
        for origin in publicOrigins where !Self.isOrigin(origin) {
            throw SettingsError("http.origins: '\(origin)' is not an origin such as https://chat.example.org")
        }
        for text in try settings.value(GatewaySettings.trustedProxies) {
            guard let range = NetworkRange(text) else {
                throw SettingsError("http.trustedProxies: '\(text)' is not an address or a range such as 10.0.0.0/8")
            }
            trustedProxies.append(range)
        }
        capacity = try Self.capacity(settings)
        maximumInFlight = try settings.value(GatewaySettings.maximumInFlight)
        idleTimeout = try settings.value(GatewaySettings.idleTimeout)
        requestTimeout = try settings.value(GatewaySettings.requestTimeout)
        logsRequests = try settings.value(GatewaySettings.logRequests)
        webDirectory = try settings.value(GatewaySettings.webDirectory).map { URL(fileURLWithPath: $0) }
        emoji.list = try settings.value(GatewaySettings.emojiFile)
        emoji.keywords = try settings.value(GatewaySettings.emojiKeywordsFile)
        sessionLifetime.idle = try settings.value(GatewaySettings.sessionIdle)
        sessionLifetime.absolute = try settings.value(GatewaySettings.sessionAbsolute)
        sessionsPerUser = try settings.value(GatewaySettings.sessionsPerUser)
        sessionCacheLifetime = try settings.value(GatewaySettings.sessionCache)
        sameSite = try settings.value(GatewaySettings.strictCookie) ? .strict : .lax
        sendDeadline = try settings.value(GatewaySettings.sendDeadline)
        sendRate = Rate(
            perSecond: try settings.value(GatewaySettings.sendRate),
            burst: try settings.value(GatewaySettings.sendBurst))
        attemptRate = Self.perMinute(try settings.value(GatewaySettings.attemptRate))
        networkAttemptRate = Self.perMinute(try settings.value(GatewaySettings.networkAttemptRate))
        requestRate = Self.perSecond(try settings.value(GatewaySettings.requestRate))
        anonymousRate = Self.perSecond(try settings.value(GatewaySettings.anonymousRate))
        assetRate = Self.perSecond(try settings.value(GatewaySettings.assetRate))
        let changes = try settings.value(GatewaySettings.passwordChangeRate)
        passwordChangeRate = Rate(perSecond: changes / 3_600, burst: max(1, changes / 6))
        let groupChanges = try settings.value(GatewaySettings.groupChangeRate)
        groupChangeRate = Rate(perSecond: groupChanges / 60, burst: max(1, groupChanges / 2))
        requestsInFlight = try settings.value(GatewaySettings.requestsInFlight)
        streams.caps.perSession = try settings.value(GatewaySettings.streamsPerSession)
        streams.caps.perUser = try settings.value(GatewaySettings.streamsPerUser)
    }

    private static func capacity(_ settings: SettingsReader) throws(SettingsError) -> ConnectionCapacity {
        let perAddress = GatewaySettings.maximumConnectionsPerAddress
        return ConnectionCapacity(
            wanted: try settings.value(GatewaySettings.maximumConnections),
            perAddress: settings.isSet(perAddress) ? try settings.value(perAddress) : nil,
            descriptors: DescriptorLimit.current, databaseThreads: try DatabaseSettings(settings).threads)
    }

    private static func perSecond(_ count: Double) -> Rate { Rate(perSecond: count, burst: max(1, count * 4)) }

    private static func perMinute(_ count: Double) -> Rate { Rate(perSecond: count / 60, burst: max(1, count)) }

    private static func isOrigin(_ text: String) -> Bool {
        guard text.hasPrefix("http://") || text.hasPrefix("https://"), !text.hasSuffix("/") else { return false }
        return URL(string: text)?.host != nil && (URL(string: text)?.path ?? "").isEmpty
    }
}
