public import ServiceKit

/// The settings of the gateway.
public enum GatewaySettings {
    static let host = Setting(
        "http.host", "Address that the web server listens on; 0.0.0.0 for all", default: "127.0.0.1")
    static let port = Setting(
        "http.port", "Port of the web server; 0 takes a free one and logs it", default: 8_080, in: 0...65_535)
    static let secure = Setting(
        "http.secure", "Whether browsers come by HTTPS, through a proxy: cookies then never travel without it",
        default: false)
    static let origins = Setting<[String]>(
        "http.origins",
        "Origins such as https://chat.example.org that browsers use; unless given, what the Host header says",
        default: [])
    static let trustedProxies = Setting<[String]>(
        "http.trustedProxies", "Addresses or ranges of proxies whose X-Forwarded-For header is believed", default: [])
    static let maximumConnections = Setting(
        "http.maximumConnections",
        "Connections that are open at the same time; fewer if the limit of open files is too low for them",
        default: 20_000, in: 1...1_000_000)
    static let maximumConnectionsPerAddress = Setting(
        "http.maximumConnectionsPerAddress",
        "Connections of one address or /64, trusted proxies apart; unless given, at most a quarter of all",
        default: ConnectionCapacity.usualPerAddress, in: 1...1_000_000)
    static let maximumInFlight = Setting(
        "http.maximumInFlight", "Requests that are worked on at the same time; live streams do not count",
        default: 1_024, in: 1...100_000)
    static let idleTimeout = Setting<Duration>(
        "http.idleTimeout", "Time after which a connection without a request is closed", default: .seconds(60),
        in: .seconds(1)...(.seconds(600)))
    static let requestTimeout = Setting<Duration>(
        "http.requestTimeout", "Time in which the head of a request has to arrive, and then its body",
        default: .seconds(10), in: .milliseconds(100)...(.seconds(600)))
    static let logRequests = Setting("http.logRequests", "Whether each request is written to the log", default: true)
    static let webDirectory = Setting<String?>.optional(
        "web.directory", "Folder with Templates and Public, instead of the ones that are built in")
    static let emojiFile = Setting(
        "emoji.file", "Unicode's list of emoji, from Debian's package unicode-data; without it the page offers a few",
        default: "/usr/share/unicode/emoji/emoji-test.txt")
    static let emojiKeywordsFile = Setting(
        "emoji.keywordsFile",
        "Further words to find emoji by, from Debian's package unicode-cldr-core; without it their names are searched",
        default: "/usr/share/unicode/cldr/common/annotations/en.xml")

    static let sessionIdle = Setting<Duration>(
        "session.idleLifetime", "Time without a request after which a session ends", default: .seconds(7 * 86_400),
        in: .seconds(60)...(.seconds(366 * 86_400)))
    static let sessionAbsolute = Setting<Duration>(
        "session.longestLifetime", "Time after which a session ends in any case", default: .seconds(30 * 86_400),
        in: .seconds(60)...(.seconds(366 * 86_400)))
    static let sessionsPerUser = Setting(
        "session.perUser", "Sessions of one user; a further one ends the one that was not used for the longest time",
        default: 50, in: 1...200)
    static let sessionCache = Setting<Duration>(
        "session.cacheLifetime", "Time for which a session is not looked up again", default: .seconds(10),
        in: .zero...(.seconds(300)))
    static let passwordKey = Setting<String>.required(
        "passwords.publicKey", "Key that passwords are sealed with on their way to the users service", secret: true)
    static let strictCookie = Setting(
        "session.strictCookie", "Whether links from other sites arrive signed out (SameSite=Strict instead of Lax)",
        default: false)

    static let sendDeadline = Setting<Duration>(
        "send.deadline", "Time to wait for the answer to a message", default: .seconds(5),
        in: .milliseconds(100)...(.seconds(60)))
    static let sendRate = Setting(
        "limits.sendsPerSecond", "Messages of one user, with their changes, in the long run", default: 10.0,
        in: 0.1...1_000_000)
    static let sendBurst = Setting(
        "limits.sendBurst", "Messages of one user, with their changes, at once", default: 20.0, in: 1.0...1_000_000)
    static let attemptRate = Setting(
        "limits.attemptsPerMinute",
        "Sign-ins and sign-ups from one address, or of one device that the account knows, in the long run",
        default: 20.0,
        in: 0.1...1_000_000)
    static let networkAttemptRate = Setting(
        "limits.networkAttemptsPerMinute",
        "Sign-ins and sign-ups from one /24 or /56 in the long run; four times as many from one /48",
        default: 100.0, in: 0.1...1_000_000)
    static let requestRate = Setting(
        "limits.requestsPerSecond", "Other requests of one user in the long run", default: 50.0, in: 0.1...1_000_000)
    static let anonymousRate = Setting(
        "limits.anonymousPerSecond",
        "Requests without a session from one address or /64 in the long run; four times as many from one /24 or /56",
        default: 50.0, in: 0.1...1_000_000)
    static let assetRate = Setting(
        "limits.assetsPerSecond",
        "Scripts, styles and images for one address or /64 in the long run; four times as many for one /24 or /56",
        default: 500.0, in: 0.1...1_000_000)
    static let passwordChangeRate = Setting(
        "limits.passwordChangesPerHour", "Password changes of one user in the long run; a sixth of it at once",
        default: 30.0, in: 0.1...1_000_000)
    static let groupChangeRate = Setting(
        "limits.groupChangesPerMinute",
        "Groups that one user makes or joins by a link, and changes of members, roles, names and links, in the long run; half of it at once",
        default: 60.0, in: 0.1...1_000_000)
    static let requestsInFlight = Setting(
        "limits.requestsInFlight", "Other requests of one user that are worked on at the same time", default: 8,
        in: 1...10_000)
    static let streamsPerSession = Setting(
        "limits.streamsPerSession", "Live streams of one session", default: 6, in: 1...10_000)
    static let streamsPerUser = Setting(
        "limits.streamsPerUser", "Live streams of one user", default: 20, in: 1...10_000)

    /// Those of the gateway alone.
    static let own: [any DeclaredSetting] = [
        host, port, secure, origins, trustedProxies, maximumConnections, maximumConnectionsPerAddress, maximumInFlight,
        idleTimeout, requestTimeout, logRequests, webDirectory, emojiFile, emojiKeywordsFile, sessionIdle,
        sessionAbsolute,
        sessionsPerUser, sessionCache, strictCookie, passwordKey, sendDeadline, sendRate, sendBurst, attemptRate,
        networkAttemptRate,
        requestRate, anonymousRate, assetRate, passwordChangeRate, groupChangeRate, requestsInFlight, streamsPerSession,
        streamsPerUser,
    ]

    /// The declarations, with those of the broker and the database.
    public static let all: [any DeclaredSetting] = own + BusSettings.all + DatabaseSettings.all
}
