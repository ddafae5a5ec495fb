import AsyncHTTPClient
import BrokerAdministration
public import FaultHistory
public import Foundation
import LocalStack
import MongoStore
import NIOCore
import NIOHTTP1
import StackCommand

// Numbers of the running parts.
extension Cluster {
    /// What every part that answers counts and measures: each service's metrics, each broker's, and each database
    /// member's. The sources are the names of the nodes, and `cluster` for what no single node knows.
    ///
    /// - Parameter limit: how long a part may take; one that does not answer in time is left out
    public nonisolated func measurements(within limit: Duration = .seconds(2)) async -> [FaultHistory.Measurement] {
        let states = try? await replicaSetStates()
        return await withTaskGroup(of: FaultHistory.Measurement?.self) { group in
            for node in Node.services { group.addTask { await self.serviceMeasurement(node, within: limit) } }
            for node in Node.brokers { group.addTask { await self.brokerMeasurement(node, within: limit) } }
            // A member is asked through the primary's connection pool only for what the primary knows; its own numbers
            // come from a connection of its own.
            for node in Node.databases { group.addTask { await self.databaseMeasurement(node, within: limit) } }
            group.addTask { await self.clusterMeasurement(states) }
            var all: [FaultHistory.Measurement] = []
            for await measurement in group { if let measurement { all.append(measurement) } }
            return all.sorted { $0.source < $1.source }
        }
    }

    /// As ``measurements(within:)``, of one node.
    public nonisolated func measurement(of node: Node, within limit: Duration = .seconds(2)) async -> FaultHistory
        .Measurement?
    {
        switch node.kind {
        case .driver: nil
        case .database: await databaseMeasurement(node, within: limit)
        case .broker: await brokerMeasurement(node, within: limit)
        case .gateway, .users, .messages: await serviceMeasurement(node, within: limit)
        }
    }

    private nonisolated func serviceMeasurement(_ node: Node, within limit: Duration) async -> FaultHistory.Measurement?
    {
        guard let service = services[node], let text = await page("\(service.operationsAddress)/metrics", limit) else {
            return nil
        }
        return FaultHistory.Measurement(source: node.name, values: PrometheusText.values(text))
    }

    /// The counters that the broker keeps whether or not somebody collects statistics; among them redeliveries
    /// (`rabbitmq_global_messages_redelivered_total`) and the terms of its queues (`rabbitmq_raft_term_total`).
    private nonisolated func brokerMeasurement(_ node: Node, within limit: Duration) async -> FaultHistory.Measurement?
    {
        guard await isRunning(node), let text = await page("http://\(node.address):15692/metrics", limit) else {
            return nil
        }
        let wanted = [
            "rabbitmq_global_", "rabbitmq_raft_", "rabbitmq_alarms_", "rabbitmq_connections", "rabbitmq_channels",
            "rabbitmq_queues", "rabbitmq_queue_messages", "rabbitmq_consumers",
            "rabbitmq_process_resident_memory_bytes",
            "rabbitmq_disk_space_available_bytes",
        ]
        let values = PrometheusText.values(text).filter { value in wanted.contains { value.key.hasPrefix($0) } }
        return FaultHistory.Measurement(source: node.name, values: values)
    }

    private nonisolated func databaseMeasurement(_ node: Node, within limit: Duration) async -> FaultHistory
        .Measurement?
    {
        guard await isRunning(node) else { return nil }
        let status: BSONDocument
        do {
            let database = try await memberDatabase(node)
            status = try await within(limit) {
                try await database.runCommand(BSONDocument { $0.append("serverStatus", Int32(1)) })
            }
        } catch {
            return nil
        }
        var values: [String: Double] = [:]
        let groups =
            [
                "opcounters": nil, "connections": ["current", "totalCreated"], "mem": ["resident"],
                "asserts": nil, "electionMetrics": nil,
            ] as [String: [String]?]
        for (name, fields) in groups {
            guard let group = try? status.document(name) else { continue }
            for element in group.elements() {
                if let fields, !fields.contains(element.key) { continue }
                switch element.value {
                case .document(let document):
                    for inner in document.elements() {
                        if let number = try? document.double(inner.key) {
                            values["\(name).\(element.key).\(inner.key)"] = number
                        }
                    }
                default:
                    if let number = try? group.double(element.key) { values["\(name).\(element.key)"] = number }
                }
            }
        }
        return FaultHistory.Measurement(source: node.name, values: values)
    }

    private nonisolated func clusterMeasurement(_ states: [Node: String]?) async -> FaultHistory.Measurement {
        var values: [String: Double] = [:]
        if let status = try? await databaseCommand("replSetGetStatus", 1), let term = try? status.double("term") {
            values["database.term"] = term
        }
        for (node, state) in states ?? [:] { values["database.state.\(node).\(state)"] = 1 }
        if let queues = try? await queues() {
            for queue in queues {
                values["queue.ready", default: 0] += Double(queue.ready ?? 0)
                values["queue.unacknowledged", default: 0] += Double(queue.unacknowledged ?? 0)
                if queue.name.hasPrefix("gateway.") { continue }
                values["queue.\(queue.name).ready"] = Double(queue.ready ?? 0)
                values["queue.\(queue.name).unacknowledged"] = Double(queue.unacknowledged ?? 0)
                values["queue.\(queue.name).consumers"] = Double(queue.consumers ?? 0)
            }
            values["queues"] = Double(queues.count)
        }
        let count = try? await askBroker { administration throws(BrokerAdministrationError) in
            try await administration.connectionCount()
        }
        if let count { values["broker.connections"] = Double(count) }
        for (node, bytes) in MemoryUse.byNode() { values["memory.\(node)"] = Double(bytes) }
        values["memory.all"] = Double(MemoryUse.all(disks: options.disks.keys.map(\.self)))
        return FaultHistory.Measurement(source: "cluster", values: values)
    }

    nonisolated func page(_ address: String, _ limit: Duration) async -> String? {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "connection", value: "close")
        let amount = TimeAmount.milliseconds(
            limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000)
        guard let response = try? await HTTPClient.shared.execute(request, timeout: amount), response.status == .ok,
            let body = try? await response.body.collect(upTo: 16 << 20)
        else { return nil }
        return String(buffer: body)
    }

    /// The time by the clock of a gateway, as its answers say it; nil if it does not answer.
    public nonisolated func date(of gateway: Node) async -> Date? {
        var request = HTTPClientRequest(url: "http://\(gateway.host)/")
        request.headers.add(name: "connection", value: "close")
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(3)),
            let text = response.headers.first(name: "date")
        else { return nil }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format.date(from: text)
    }

    private nonisolated func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw ClusterError("no answer within \(limit)")
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
