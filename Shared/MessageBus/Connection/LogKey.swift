/// The keys of log metadata that this module writes.
enum LogKey {
    static let requestID = "request.id"
    static let requestType = "request.type"
    static let correlationID = "correlation.id"
    static let queue = "queue"
    static let sender = "sender"
    static let kind = "kind"
    static let exchange = "exchange"
    static let deliveryCount = "delivery.count"
    static let reason = "reason"
    static let error = "error"
    static let count = "count"
}
