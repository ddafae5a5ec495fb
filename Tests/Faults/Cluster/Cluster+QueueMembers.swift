import Foundation
import LocalStack
import StackCommand

/// The members of the quorum queues: whether they follow their leaders, and one that stops.
extension Cluster {
    /// Waits until every member of every quorum queue has got as far as the furthest had when this was called. A member
    /// that runs and gets no further serves nobody, and with the next node that fails its queue has no majority.
    public nonisolated func waitUntilQueuesAreInStep(within limit: Duration = .seconds(60)) async throws(ClusterError) {
        let end = ContinuousClock.now + limit
        var goal: [String: Double] = [:]
        for place in await places().values { goal.merge(place, uniquingKeysWith: max) }
        while true {
            let places = await places()
            guard let behind = Self.laggard(places, behind: goal) else { return }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .seconds(1))) != nil else {
                throw ClusterError("the members of quorum queues were not in step within \(limit): \(behind)")
            }
        }
    }

    /// The process that is a queue's member at a node, as the node names it; "undefined" if there is none.
    public nonisolated func member(of queue: String, at node: Node) async throws(ClusterError) -> String {
        try await control(node, ["eval", "whereis(\(Self.process(of: queue)))."])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Has a queue's member at a node do nothing any more, although it exists.
    /// - Returns: what ``member(of:at:)`` said of it
    public nonisolated func suspendMember(of queue: String, at node: Node) async throws(ClusterError) -> String {
        let member = try await member(of: queue, at: node)
        // Whoever suspends a process must not end, or it goes on.
        let suspend = "erlang:suspend_process(whereis(\(Self.process(of: queue))))"
        try await control(node, ["eval", "spawn(fun() -> \(suspend), timer:sleep(infinity) end)."])
        return member
    }

    /// Has the process that writes the log of all quorum queues at a node crash until its supervisors give it up.
    public nonisolated func endQueueLog(at node: Node) async throws(ClusterError) {
        for _ in 0..<5 {
            try await control(
                node,
                [
                    "eval",
                    "[begin catch exit(whereis(ra_log_wal), kill), timer:sleep(30) end || _ <- lists:seq(1, 60)].",
                ])
            if try await !hasQueueLog(at: node) { return }
        }
        throw ClusterError("the log of the queues at \(node) does not end")
    }

    /// Whether the process that writes the log of all quorum queues at a node exists.
    public nonisolated func hasQueueLog(at node: Node) async throws(ClusterError) -> Bool {
        try await control(node, ["eval", "is_pid(whereis(ra_log_wal))."]).hasPrefix("true")
    }

    /// Lets a queue's member at a node number the messages differently from the others, as one would that has applied
    /// entries which the others never had.
    /// - Returns: what ``member(of:at:)`` said of it; nil if the queue's consumer was given nothing yet, so that nobody
    ///   would notice
    public nonisolated func misleadMember(of queue: String, at node: Node) async throws(ClusterError) -> String? {
        // The tenth element of the queue's state are its consumers, the fourth of a consumer its next message's number.
        let mislead = """
            sys:replace_state(whereis(\(Self.process(of: queue))), fun({Name, Data}) ->
                {Name, list_to_tuple([case Part of
                    #{machine_state := State} ->
                        Consumers = maps:map(
                            fun(_, Consumer) -> setelement(4, Consumer, element(4, Consumer) + \(Self.astray)) end,
                            element(10, State)),
                        Part#{machine_state => setelement(10, State, Consumers)};
                    _ -> Part
                end || Part <- tuple_to_list(Data)])}
            end).
            """
        guard try await hasGivenOut(moreThan: 0, memberOf: queue, at: node) else { return nil }
        let member = try await member(of: queue, at: node)
        try await control(node, ["eval", mislead])
        return member
    }

    /// Whether a member still is as ``misleadMember(of:at:)`` has left it, and its consumer still there.
    public nonisolated func isMisled(memberOf queue: String, at node: Node) async throws(ClusterError) -> Bool {
        try await hasGivenOut(moreThan: Self.astray, memberOf: queue, at: node)
    }

    /// What is added to a misled member's numbers; nobody gets that far in a run.
    private static let astray = 1_000_000

    /// Whether a consumer of the queue has got a message with a number that is greater, as the member at a node knows it.
    private nonisolated func hasGivenOut(
        moreThan number: Int, memberOf queue: String, at node: Node
    ) async throws(ClusterError) -> Bool {
        let ask = """
            {ok, {_, Numbers}, _} = ra:local_query(
                {\(Self.process(of: queue)), node()},
                fun(State) -> [element(4, Consumer) || Consumer <- maps:values(element(10, State))] end),
            lists:max([0 | Numbers]) > \(number).
            """
        return try await control(node, ["eval", ask]).hasPrefix("true")
    }

    /// Has another broker lead a queue.
    public nonisolated func moveLeader(of queue: String, from: Node, to: Node) async throws(ClusterError) {
        guard let name = brokers[to]?.nodeName else { return }
        let move = """
            {ok, Queue} = rabbit_amqqueue:lookup(
                rabbit_misc:r(<<"\(ServiceBuilder.virtualHost)">>, queue, <<"\(queue)">>)),
            rabbit_quorum_queue:transfer_leadership(Queue, '\(name)').
            """
        let response = try await control(from, ["eval", move])
        guard response.hasPrefix("{migrated") else { throw ClusterError("\(queue) stays at \(from): \(response)") }
    }

    /// The broker to which the active consumer of a queue is connected; nil if there is none.
    public nonisolated func consumingBroker(of queue: String) async throws(ClusterError) -> Node? {
        guard let leader = try await leader(ofQueue: queue) else { return nil }
        let ask = """
            {ok, {_, Answer}, _} = ra:local_query(
                {\(Self.process(of: queue)), node()}, fun rabbit_fifo:query_single_active_consumer/1),
            case Answer of {value, {_, Channel}} -> node(Channel); _ -> none end.
            """
        let response = try await control(leader, ["eval", ask])
        return Node.brokers.first { node in brokers[node].map { response.contains($0.nodeName) } ?? false }
    }

    private static func process(of queue: String) -> String { "'\(ServiceBuilder.virtualHost)_\(queue)'" }

    private static func laggard(_ places: [Node: [String: Double]], behind goal: [String: Double]) -> String? {
        for (queue, index) in goal.sorted(by: { $0.key < $1.key }) {
            for node in Node.brokers where places[node]?[queue] ?? 0 < index {
                let place = places[node]?[queue].map { "is at \(Int($0))" } ?? "says nothing"
                return "the member of \(queue) at \(node) \(place), others were at \(Int(index)) before"
            }
        }
        return nil
    }

    /// The last entry that each member has applied, as it said in the last five seconds, by queue.
    private nonisolated func places() async -> [Node: [String: Double]] {
        let metric = "rabbitmq_detailed_raft_log_last_applied_index.\(ServiceBuilder.virtualHost)."
        var places: [Node: [String: Double]] = [:]
        for node in Node.brokers where await isRunning(node) {
            let address = "http://\(node.address):15692/metrics/detailed?family=ra_metrics"
            guard let text = await page(address, .seconds(5)) else { continue }
            places[node] = Dictionary(
                PrometheusText.values(text).compactMap { name, value in
                    name.hasPrefix(metric) ? (String(name.dropFirst(metric.count)), value) : nil
                }, uniquingKeysWith: max)
        }
        return places
    }
}
