import MongoStore

/// Keeps the key that all gateways sign ``DeviceToken``s with.
protocol DeviceKeyStore: Sendable {
    /// The key; `candidate` becomes it if there is none yet.
    func deviceKey(orInsert candidate: [UInt8]) async throws(MongoError) -> [UInt8]
}

/// The key in the gateways' own database: collection `keys`, `_id` = `device`. The first gateway that needs it makes it.
struct MongoDeviceKeyStore: DeviceKeyStore {
    private let collection: MongoCollection

    init(database: MongoDatabase) { collection = database.collection("keys") }

    func deviceKey(orInsert candidate: [UInt8]) async throws(MongoError) -> [UInt8] {
        do throws(MongoError) {
            return try await upsert(candidate)
        } catch  where error.code == .duplicateKey {
            // Another gateway made it in the same moment, so now it is found.
            return try await upsert(candidate)
        }
    }

    private func upsert(_ candidate: [UInt8]) async throws(MongoError) -> [UInt8] {
        let document = try await collection.findAndModify(
            BSONDocument { $0.append("_id", "device") },
            .update(.operators(BSONDocument { $0.document("$setOnInsert") { $0.append("k", binary: candidate) } })),
            upsert: true)
        do {
            guard let key = try document?.binary("k"), key.count == KnownDevices.keyBytes else {
                throw MongoError(
                    .invalidDocument, message: "the key 'device' has to have \(KnownDevices.keyBytes) bytes")
            }
            return key
        } catch let error as MongoError {
            throw error
        } catch {
            throw MongoError(.invalidDocument, message: "\(error)")
        }
    }
}
