/// The keys of log metadata that this service writes.
enum LogKey {
    static let lane = "lane"
    static let shards = "shards"
    static let step = "step"
    static let error = "error"
    static let count = "count"
    static let part = "part"
}
