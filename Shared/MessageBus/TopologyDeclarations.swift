public import Logging

/// Declares every durable exchange, queue and binding. Idempotent.
///
/// - Parameter configuration: With a user who may configure everything in the virtual host.
/// - Throws: `notSent` with the broker's reason, for example if a queue exists with other properties.
public func declareTopology(_ configuration: BusConfiguration, logger: Logger) async throws(BusError) {
    fatalError("not written yet")
}
