/// One of the parts of a cluster, by the name of its network.
public struct Node: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What a node is.
    public enum Kind: Sendable, Hashable, CaseIterable {
        case driver, database, broker, gateway, users, messages

        fileprivate var letter: String {
            switch self {
            case .driver: "driver"
            case .database: "m"
            case .broker: "r"
            case .gateway: "g"
            case .users: "u"
            case .messages: "s"
            }
        }

        fileprivate var firstHost: Int {
            switch self {
            case .driver: 1
            case .database: 11
            case .broker: 21
            case .gateway: 31
            case .users: 41
            case .messages: 51
            }
        }
    }

    public let kind: Kind
    /// From 1.
    public let number: Int

    private init(_ kind: Kind, _ number: Int) {
        self.kind = kind
        self.number = number
    }

    /// Who drives and watches the cluster: this process, with its proxies.
    public static let driver = Node(.driver, 1)
    public static let databases = (1...3).map { Node(.database, $0) }
    public static let brokers = (1...3).map { Node(.broker, $0) }
    public static let gateways = (1...2).map { Node(.gateway, $0) }
    public static let users = (1...2).map { Node(.users, $0) }
    public static let messages = (1...2).map { Node(.messages, $0) }
    /// The services, in the order of their start.
    public static let services = users + messages + gateways
    /// Everything but the driver.
    public static let all = databases + brokers + services

    public static let m1 = databases[0]
    public static let m2 = databases[1]
    public static let m3 = databases[2]
    public static let r1 = brokers[0]
    public static let r2 = brokers[1]
    public static let r3 = brokers[2]
    public static let g1 = gateways[0]
    public static let g2 = gateways[1]
    public static let u1 = users[0]
    public static let u2 = users[1]
    public static let s1 = messages[0]
    public static let s2 = messages[1]

    /// `m1`, the name of the node and of its network.
    public var name: String { kind == .driver ? kind.letter : "\(kind.letter)\(number)" }
    public var description: String { name }
    /// Its address in the cluster.
    public var address: String { "10.77.0.\(kind.firstHost + number - 1)" }
    /// The port of what it is there for: MongoDB's, AMQP or HTTP; the one for health and metrics where there is no
    /// other.
    public var port: Int {
        switch kind {
        case .driver: 0
        case .database: 27_017
        case .broker: 5_672
        case .gateway: 8_080
        case .users, .messages: Self.operationsPort
        }
    }
    /// `address:port`
    public var host: String { "\(address):\(port)" }
    /// Where every service serves health, readiness and metrics.
    public static let operationsPort = 9_090

    /// The node with this name.
    public init?(named name: String) {
        guard let node = ([Node.driver] + Node.all).first(where: { $0.name == name }) else { return nil }
        self = node
    }

    public static func < (one: Node, other: Node) -> Bool { one.name < other.name }
}
