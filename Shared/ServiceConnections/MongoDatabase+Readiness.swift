public import MongoStore

extension MongoDatabase {
    /// Why the database does not respond right now, for a readiness check; nil if it does, within a second.
    public func obstacle() async -> String? {
        do throws(MongoError) {
            try await ping(timeout: .seconds(1))
            return nil
        } catch {
            return error.code.description
        }
    }
}
