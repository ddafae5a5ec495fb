import BrokerAdministration
import ChatContracts
public import Foundation
import MongoStore
import SetupCommand
import StackCommand

// What somebody with every right can do to the broker's queues and past the services' back.
extension Cluster {
    /// Publishes a persistent message as the administrator.
    public nonisolated func publish(
        _ body: Data, type: String, to exchange: String, routingKey: String
    ) async throws(ClusterError) {
        let routed = try await askBroker { administration throws(BrokerAdministrationError) in
            try await administration.publish(
                body, type: type, to: exchange, routingKey: routingKey, of: ServiceBuilder.virtualHost)
        }
        guard routed else { throw ClusterError("no queue took what was published to \(exchange) for \(routingKey)") }
    }

    public nonisolated func deleteQueue(_ name: String) async throws(ClusterError) {
        try await askBroker { administration throws(BrokerAdministrationError) in
            try await administration.deleteQueue(name, in: ServiceBuilder.virtualHost)
        }
    }

    public nonisolated func deleteExchange(_ name: String) async throws(ClusterError) {
        try await askBroker { administration throws(BrokerAdministrationError) in
            try await administration.deleteExchange(name, of: ServiceBuilder.virtualHost)
        }
    }

    /// Lets no gateway hear of groups for so long, and then all of them again: what was published in between is lost to them, and
    /// they have not noticed anything yet. Their queues are exclusive, so only the broker itself can do that.
    ///
    /// - Returns: the number of gateways.
    public nonisolated func loseGroupEvents(milliseconds: Int) async throws(ClusterError) -> Int {
        guard let node = await firstRunningBroker() else { throw ClusterError("no broker runs") }
        let lose = """
            Exchange = rabbit_misc:r(<<"\(ServiceBuilder.virtualHost)">>, exchange, <<"\(Topology.eventsExchange)">>), \
            Bindings = [Each || Each <- rabbit_binding:list_for_source(Exchange), \
            element(3, Each) =:= <<"\(Topology.groupsKey)">>], \
            [rabbit_binding:remove(Each, <<"faults">>) || Each <- Bindings], \
            timer:sleep(\(milliseconds)), \
            [rabbit_binding:add(Each, <<"faults">>) || Each <- Bindings], \
            length(Bindings).
            """
        let answer = try await control(node, ["eval", lose])
        guard let count = Int(answer.prefix { $0.isNumber }) else {
            throw ClusterError("\(node) did not lose the events of groups: \(answer)")
        }
        return count
    }

    /// Takes from the messages services the right to publish events, until ``restoreTopology()``. Ends their connections,
    /// because a broker goes on allowing what it once has allowed to a channel.
    public nonisolated func forbidEvents() async throws(ClusterError) {
        let account = ServiceAccount.messages
        var permissions = account.permissions
        permissions.write = "^(\(Topology.repliesExchange)|\(Topology.deadLettersExchange))$"
        try await askBroker { [permissions] administration throws(BrokerAdministrationError) in
            try await administration.setPermissions(permissions, of: account.name, in: ServiceBuilder.virtualHost)
        }
        guard let node = await firstRunningBroker() else { throw ClusterError("no broker runs") }
        try await control(node, ["close_all_user_connections", account.name, "other rights"])
    }

    /// Declares every durable exchange, queue and binding again, and gives every service its rights, as `martlet-setup`
    /// does whenever it is run.
    public func restoreTopology() async throws(ClusterError) { try await setUp() }

    /// Limits the length of the queues whose names match, until it is lifted with nil.
    public nonisolated func limitQueues(_ pattern: String, to length: Int?) async throws(ClusterError) {
        guard let node = await firstRunningBroker() else { throw ClusterError("no broker runs") }
        let name = "short-queues"
        guard let length else {
            try await control(node, ["clear_policy", "-p", ServiceBuilder.virtualHost, name])
            return
        }
        try await control(
            node,
            [
                "set_policy", "-p", ServiceBuilder.virtualHost, "--apply-to", "queues", name, pattern,
                #"{"max-length": \#(length)}"#,
            ])
    }

    /// Writes documents that only this member has to have, although nobody else may get them: what is lost when a
    /// primary that was cut off comes back.
    public nonisolated func writeCanaries(_ numbers: ClosedRange<Int>, to node: Node) async throws(ClusterError) {
        let documents = numbers.map { number in BSONDocument { $0.append("_id", Int64(number)) } }
        try await insert(documents, into: "canaries", of: Self.canaryDatabase, at: node)
    }

    /// How many canaries a majority of the members has.
    public nonisolated func survivingCanaries() async throws(ClusterError) -> Int {
        let database = try await serviceDatabase(Self.canaryDatabase)
        do {
            return try await database.collection("canaries").find(maxTime: .seconds(10)).count
        } catch {
            throw ClusterError("the canaries cannot be counted", cause: error)
        }
    }

    /// Makes the collection that takes the ballast, as long as there is room for a new file.
    public nonisolated func makeRoomForBallast(at primary: Node) async throws(ClusterError) {
        try await insertBallast(pieces: 1, words: 1, at: primary)
    }

    /// Makes the primary, and those that follow it, take 8 MiB that cannot be compressed: more than is free inside their
    /// files. It stays.
    public nonisolated func writeBallast(to primary: Node) async throws(ClusterError) {
        try await insertBallast(pieces: 8, words: 1 << 17, at: primary)
    }

    private nonisolated func insertBallast(pieces: Int, words: Int, at primary: Node) async throws(ClusterError) {
        let piece = (0..<words).flatMap { _ in
            let word = UInt64.random(in: .min ... .max)
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        let documents = [BSONDocument](repeating: BSONDocument { $0.append("bytes", binary: piece) }, count: pieces)
        try await insert(documents, into: "ballast", of: "ballast", at: primary)
    }

    /// Inserts documents that are confirmed as soon as this member alone has them.
    private nonisolated func insert(
        _ documents: [BSONDocument], into collection: String, of name: String, at node: Node
    ) async throws(ClusterError) {
        let database = try await memberDatabase(node, name: name)
        do {
            _ = try await database.runCommand(
                BSONDocument {
                    $0.append("insert", collection)
                    $0.append("documents", documents)
                    $0.append("writeConcern", BSONDocument { $0.append("w", Int32(1)) })
                })
        } catch {
            throw ClusterError("\(node) did not take the \(collection)", cause: error)
        }
    }

    /// Makes a broker write what it knows of users, queues and bindings to its disk now.
    public nonisolated func writeTables(of node: Node) async throws(ClusterError) {
        try await control(node, ["eval", "mnesia:dump_log()."])
    }

    private static var canaryDatabase: String { "canary" }

    private nonisolated func firstRunningBroker() async -> Node? {
        for node in Node.brokers where await isRunning(node) { return node }
        return nil
    }
}

extension Cluster {
    /// Makes a member of the database write everything to its disk now.
    public nonisolated func checkpoint(_ node: Node) async throws(ClusterError) {
        let database = try await memberDatabase(node)
        do {
            _ = try await database.runCommand(BSONDocument { $0.append("fsync", Int32(1)) })
        } catch {
            throw ClusterError("\(node) could not write to its disk", cause: error)
        }
    }
}
