public import Foundation

// What an operator can do to single exchanges and queues.
extension BrokerAdministration {
    /// Deletes an exchange with all bindings from it, if it exists.
    public func deleteExchange(_ name: String, of virtualHost: String) async throws(BrokerAdministrationError) {
        try await send(.delete, ["exchanges", virtualHost, name], accepted: 404)
    }

    /// Publishes a persistent message.
    /// - Returns: whether any queue took it.
    public func publish(
        _ body: Data, type: String, to exchange: String, routingKey: String, of virtualHost: String
    ) async throws(BrokerAdministrationError) -> Bool {
        struct Publication: Encodable {
            struct Properties: Encodable {
                var deliveryMode = 2
                var contentType = "application/json"
                var type: String

                enum CodingKeys: String, CodingKey {
                    case deliveryMode = "delivery_mode"
                    case contentType = "content_type"
                    case type
                }
            }
            var properties: Properties
            var routingKey: String
            var payload: String
            var encoding = "base64"

            enum CodingKeys: String, CodingKey {
                case properties, payload
                case routingKey = "routing_key"
                case encoding = "payload_encoding"
            }
        }
        struct Response: Decodable { var routed: Bool }
        let publication = Publication(
            properties: .init(type: type), routingKey: routingKey, payload: body.base64EncodedString())
        do {
            let text = String(decoding: try JSONEncoder().encode(publication), as: UTF8.self)
            let body = try await send(.post, ["exchanges", virtualHost, exchange, "publish"], body: text)
            return try JSONDecoder().decode(Response.self, from: body).routed
        } catch let error as BrokerAdministrationError {
            throw error
        } catch {
            throw BrokerAdministrationError(status: nil, message: "the broker's response is not readable: \(error)")
        }
    }
}
