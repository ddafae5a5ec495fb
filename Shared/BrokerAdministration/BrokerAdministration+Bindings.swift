import Foundation

extension BrokerAdministration {
    /// The queues that get what is published to an exchange with a routing key.
    public func queues(
        boundTo exchange: String, by key: String, in virtualHost: String
    ) async throws(BrokerAdministrationError) -> [String] {
        struct Binding: Decodable {
            enum CodingKeys: String, CodingKey {
                case destination, kind = "destination_type", key = "routing_key"
            }
            var destination: String
            var kind: String
            var key: String
        }
        let body = try await send(.get, ["exchanges", virtualHost, exchange, "bindings", "source"])
        do {
            let bindings = try JSONDecoder().decode([Binding].self, from: body)
            return bindings.filter { $0.kind == "queue" && $0.key == key }.map(\.destination)
        } catch {
            throw BrokerAdministrationError(status: nil, message: "the bindings of \(exchange) are not readable")
        }
    }

    /// Removes a binding that has no arguments, if there is one.
    public func unbind(
        queue: String, from exchange: String, by key: String, in virtualHost: String
    ) async throws(BrokerAdministrationError) {
        try await send(.delete, ["bindings", virtualHost, "e", exchange, "q", queue, key], accepted: 404)
    }

    /// Makes a binding; nothing happens if the queue is gone.
    public func bind(
        queue: String, to exchange: String, by key: String, in virtualHost: String
    ) async throws(BrokerAdministrationError) {
        try await send(
            .post, ["bindings", virtualHost, "e", exchange, "q", queue], body: "{\"routing_key\":\"\(key)\"}",
            accepted: 404)
    }
}
