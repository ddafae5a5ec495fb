/// Changes to a running system that need an administrator's rights.
extension BrokerAdministration {
    /// Deletes the queue with everything in it, if it exists.
    public func deleteQueue(_ name: String, in virtualHost: String) async throws(BrokerAdministrationError) {
        try await send(.delete, ["queues", virtualHost, name], accepted: 404)
    }

    /// Deletes the exchange and all bindings to it, if it exists.
    public func deleteExchange(_ name: String, in virtualHost: String) async throws(BrokerAdministrationError) {
        try await send(.delete, ["exchanges", virtualHost, name], accepted: 404)
    }

    /// Deletes a queue's binding to an exchange, if it exists.
    public func deleteBinding(
        of queue: String, to exchange: String, key: String, in virtualHost: String
    ) async throws(BrokerAdministrationError) {
        try await send(.delete, ["bindings", virtualHost, "e", exchange, "q", queue, key], accepted: 404)
    }
}
