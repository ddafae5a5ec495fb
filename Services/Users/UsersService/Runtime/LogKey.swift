/// The keys of log metadata that this service writes.
enum LogKey {
    static let user = "user"
    static let error = "error"
}
