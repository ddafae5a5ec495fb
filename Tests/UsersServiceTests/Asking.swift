import ChatContracts
import Foundation
import MessageBus
import Synchronization

/// The fault that a request is refused with; nil if it succeeds or fails otherwise.
func fault<Reply>(_ request: () async throws -> Reply) async -> Fault? {
    do {
        _ = try await request()
        return nil
    } catch {
        return (error as? BusError)?.fault
    }
}

/// Reads an event's line of JSON.
func decode<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) throws -> Value {
    try JSONDecoder().decode(type, from: Data(line))
}

/// Takes a value out of a closure that returns nothing.
final class Carrier<Value: Sendable>: Sendable {
    private let box = Mutex<Value?>(nil)

    func put(_ value: Value) { box.withLock { $0 = value } }
    var value: Value? { box.withLock { $0 } }
}
