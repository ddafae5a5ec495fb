/// A returned publication carries no number of the broker's, so confirmed mandatory publications carry one of ours in
/// a header. Consumers never see it: it is taken off every delivery.
enum ReturnMark {
    static let header = "x-publish-number"

    static func number(in properties: AMQPProperties) -> UInt64? {
        guard case .int(let value)? = properties.headers[header], value > 0 else { return nil }
        return UInt64(value)
    }
}
