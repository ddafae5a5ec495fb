/// What a proxy does to the bytes that pass it in one direction.
public struct Toxics: Sendable, Equatable {
    /// How long each piece is held back.
    public var latency: Duration
    /// How much longer than `latency` a piece may be held back, at random.
    public var jitter: Duration
    /// How many bytes pass in a second; nil for all that come.
    public var bytesPerSecond: Int?
    /// How a connection ends before its time; nil for connections that live.
    public var ending: Ending?

    public init(
        latency: Duration = .zero, jitter: Duration = .zero, bytesPerSecond: Int? = nil, ending: Ending? = nil
    ) {
        self.latency = latency
        self.jitter = jitter
        self.bytesPerSecond = bytesPerSecond
        self.ending = ending
    }

    /// Everything passes, at once.
    public static let none = Toxics()

    /// What happens to a connection once a number of bytes has passed in this direction.
    public struct Ending: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            /// Both sides get a reset, in the middle of what was being said.
            case reset
            /// What came is thrown away whole, and both sides are closed: the asked has done it, the asker never hears.
            case cut
            /// Nothing passes any more, and nobody is told.
            case stall
            /// The receiver is told that nothing more comes, while the other direction goes on.
            case halfClose
        }

        public var kind: Kind
        /// How many bytes pass before it happens; each connection draws its own number.
        public var after: ClosedRange<Int>

        public init(_ kind: Kind, after: ClosedRange<Int>) {
            self.kind = kind
            self.after = after
        }
    }
}

/// What a proxy does to its connections: to what clients say, and to what they are answered.
public struct ProxyConditions: Sendable, Equatable {
    public var requests: Toxics
    public var answers: Toxics
    /// New connections are reset at once.
    public var refuses: Bool

    public init(requests: Toxics = .none, answers: Toxics = .none, refuses: Bool = false) {
        self.requests = requests
        self.answers = answers
        self.refuses = refuses
    }

    /// The proxy is only a detour.
    public static let none = ProxyConditions()
    /// Nobody gets in.
    public static let refusing = ProxyConditions(refuses: true)
}
