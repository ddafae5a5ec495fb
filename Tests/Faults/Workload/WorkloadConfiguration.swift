/// How many people use the chat, and how.
public struct WorkloadConfiguration: Sendable {
    /// A gateway as browsers reach it.
    public struct Gateway: Sendable, Hashable {
        /// As the history calls it, such as `gateway-1`.
        public var name: String
        /// Scheme, host and port, such as `http://10.77.0.31:8080`.
        public var address: String

        public init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// What a wrong client would do, to show that the suite notices.
    public enum Mistake: String, Sendable, CaseIterable {
        /// No sync after reconnecting, none for a gap, none when told to: only live events are shown.
        case neverSyncs = "never-syncs"
    }

    /// Decides who writes what to whom, in which order, and everything else that is drawn by lot.
    public var seed: UInt64
    public var gateways: [Gateway]
    /// The beginning of every username of the run, so that runs on the same stack do not meet. Letters and digits.
    public var run: String
    public var users = 50
    /// Direct conversations, each of another pair of users.
    public var conversations = 25
    /// Groups, by their numbers of members, in which people come and go. They have people of their own.
    public var groups: [Int] = []
    /// New messages of all users together.
    public var sendsPerSecond = 100.0
    /// The share of all messages that one conversation gets.
    public var hotShare = 0.3
    /// The share of what people do that is a reply, an edit, a deletion or a reaction. 0 until the server has the routes.
    public var changeShare = 0.0
    public var tabsPerUser = 1...2
    /// Messages that wait in one outbox before its user stops writing.
    public var outboxLimit = 20
    /// People who only leaf through histories, a page each second.
    public var readers = 2
    /// People who only catch up from earlier numbers, once each second.
    public var lateComers = 1
    /// Streams that their browser breaks off and opens again, in each second, as a share of all tabs.
    public var reconnectShare = 0.02
    /// Pages that are loaded anew, in each second, as a share of all tabs.
    public var reloadShare = 0.002
    /// Received and read positions that are reported, of all users together.
    public var positionsPerSecond = 10.0
    /// Choices to pin, mute or archive a conversation, or not to, of all users together.
    public var settingsPerSecond = 3.0
    /// Seconds between two sign-ups for the same name at different gateways. Nil: none.
    public var signUpRaceInterval: Double? = 4
    /// Seconds between two short visits: sign in, look, be signed out, try again. Nil: none.
    public var visitInterval: Double? = 3
    /// Seconds between two attempts of a stranger to get at what others write. Nil: none.
    public var strangerInterval: Double? = 2
    /// How long a request may take.
    public var requestTimeout: Duration = .seconds(12)
    /// How long a connection may take.
    public var connectTimeout: Duration = .seconds(2)
    /// A live stream that is silent for longer than this is dead: gateways say something every 15 s.
    public var silenceLimit: Duration = .seconds(45)
    public var mistake: Mistake?

    public init(seed: UInt64, gateways: [Gateway], run: String? = nil) {
        self.seed = seed
        self.gateways = gateways
        self.run = run ?? String(UInt32.random(in: 0x1000_0000 ... .max), radix: 36)
    }
}
