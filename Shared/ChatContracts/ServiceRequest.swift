/// A command or query that one service asks of another, with the type of its answer.
public protocol ServiceRequest: Codable, Sendable {
    associatedtype Reply: Codable & Sendable
    /// The name and version that travel in the AMQP `type` property. A change that old receivers would misread gets a
    /// new version; adding an optional field does not.
    static var typeName: String { get }
}
