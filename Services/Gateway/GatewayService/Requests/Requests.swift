import ChatContracts

/// What the gateway asks of the other services. Failures are ``Problem`` values: a fault with its status, `unavailable`
/// if the request surely was not executed, `outcome-unknown` for a command that may have been.
protocol Requests: Sendable {
    func call<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> R.Reply
    /// The reply's JSON as the service wrote it.
    func callRaw<R: RoutedRequest>(_ request: R, context: BusContext) async throws(Problem) -> [UInt8]
    /// The same for a caller without a task: `completion` is called once, on any thread, and must not block.
    func callRaw<R: RoutedRequest>(
        _ request: R, context: BusContext, completion: @escaping @Sendable (Result<[UInt8], Problem>) -> Void)
}
