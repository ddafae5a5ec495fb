/// The keys of log metadata, so that the same thing has the same key in every service.
public enum LogKey {
    // A request and its command
    public static let requestID = "request.id"
    public static let requestType = "request.type"
    public static let correlationID = "correlation.id"
    public static let deliveryCount = "delivery.count"
    public static let user = "user"

    // Where it was
    public static let queue = "queue"
    public static let exchange = "exchange"
    public static let sender = "sender"
    public static let lane = "lane"
    public static let step = "step"
    public static let part = "part"

    // What became of it
    public static let kind = "kind"
    public static let count = "count"
    public static let reason = "reason"
    public static let error = "error"
}
