import MongoStore
import Synchronization

@testable import GatewayService

/// The key of known devices in memory.
final class MemoryDeviceKeyStore: DeviceKeyStore {
    private let key = Mutex<[UInt8]?>(nil)
    private let failure = Mutex<MongoError?>(nil)

    func fail(with error: MongoError?) { failure.withLock { $0 = error } }

    func deviceKey(orInsert candidate: [UInt8]) async throws(MongoError) -> [UInt8] {
        if let error = failure.withLock({ $0 }) { throw error }
        return key.withLock { key in
            key = key ?? candidate
            return key ?? candidate
        }
    }
}
