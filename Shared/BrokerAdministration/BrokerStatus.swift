public import Foundation

/// A queue as the management API shows it. Numbers are some seconds old, and absent unless the broker collects them.
public struct BrokerQueue: Sendable, Decodable {
    public var name: String
    /// `quorum`, `classic`
    public var type: String?
    public var ready: Int?
    public var unacknowledged: Int?
    public var consumers: Int?
    /// The node that leads a quorum queue.
    public var leader: String?
    /// The nodes that hold a quorum queue, and those of them that take part now.
    public var members: [String]?
    public var online: [String]?

    private enum CodingKeys: String, CodingKey {
        case name, type, consumers, leader, members, online
        case ready = "messages_ready"
        case unacknowledged = "messages_unacknowledged"
    }
}

/// A node as the management API shows it.
public struct BrokerNodeStatus: Sendable, Decodable {
    public var name: String
    public var isRunning: Bool
    /// The nodes that it believes to be cut off from.
    public var partitions: [String]?
    public var hasMemoryAlarm: Bool?
    public var hasDiskAlarm: Bool?
    public var memoryUsed: Int?
    public var diskFree: Int?

    private enum CodingKeys: String, CodingKey {
        case name, partitions
        case isRunning = "running"
        case hasMemoryAlarm = "mem_alarm"
        case hasDiskAlarm = "disk_free_alarm"
        case memoryUsed = "mem_used"
        case diskFree = "disk_free"
    }
}

/// A message that was looked at and left where it was.
public struct BrokerMessage: Sendable {
    public var exchange: String
    public var routingKey: String
    public var body: Data
    /// Headers whose values are text.
    public var headers: [String: String]
    /// The AMQP property `type`.
    public var type: String?
}

extension BrokerAdministration {
    /// The queues of a virtual host.
    public func queues(in virtualHost: String) async throws(BrokerAdministrationError) -> [BrokerQueue] {
        let columns = "name,type,messages_ready,messages_unacknowledged,consumers,leader,members,online"
        let answer = try await send(
            .get, ["queues", virtualHost], query: "columns=\(columns)&disable_stats=false", largestResponse: 16 << 20)
        return try decode([BrokerQueue].self, answer, what: "queues")
    }

    /// The nodes of the cluster.
    public func nodes() async throws(BrokerAdministrationError) -> [BrokerNodeStatus] {
        let columns = "name,running,partitions,mem_alarm,disk_free_alarm,mem_used,disk_free"
        return try decode(
            [BrokerNodeStatus].self, try await send(.get, ["nodes"], query: "columns=\(columns)"), what: "nodes")
    }

    /// The number of connections.
    public func connectionCount() async throws(BrokerAdministrationError) -> Int {
        struct Overview: Decodable {
            struct Totals: Decodable { var connections: Int? }
            var totals: Totals?
            enum CodingKeys: String, CodingKey { case totals = "object_totals" }
        }
        let answer = try await send(.get, ["overview"])
        return try decode(Overview.self, answer, what: "overview").totals?.connections ?? 0
    }

    /// Looks at the first messages of a queue, which stay there, marked as delivered once more.
    public func messages(
        in queue: String, of virtualHost: String, upTo count: Int
    ) async throws(BrokerAdministrationError) -> [BrokerMessage] {
        let body = #"{"count":\#(count),"ackmode":"ack_requeue_true","encoding":"base64"}"#
        let answer = try await send(
            .post, ["queues", virtualHost, queue, "get"], body: body, largestResponse: 256 << 20)
        let malformed = BrokerAdministrationError(status: nil, message: "the messages of \(queue) are not readable")
        guard let list = try? JSONSerialization.jsonObject(with: answer) as? [[String: Any]] else { throw malformed }
        var messages: [BrokerMessage] = []
        for message in list {
            guard let text = message["payload"] as? String, let data = Data(base64Encoded: text) else {
                throw malformed
            }
            let properties = message["properties"] as? [String: Any]
            let headers = properties?["headers"] as? [String: Any] ?? [:]
            messages.append(
                BrokerMessage(
                    exchange: message["exchange"] as? String ?? "", routingKey: message["routing_key"] as? String ?? "",
                    body: data, headers: headers.compactMapValues { $0 as? String },
                    type: properties?["type"] as? String))
        }
        return messages
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, _ data: Data, what: String
    ) throws(BrokerAdministrationError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw BrokerAdministrationError(
                status: nil, message: "the broker's list of \(what) is not readable: \(error)")
        }
    }
}
