import AMQP

extension BusError {
    /// What a failure of the broker or of the way to it means for a request.
    init(_ error: AMQPError, _ what: String) {
        self.init(error.outcomeUnknown || error.code == .cancelled ? .outcomeUnknown : .notSent, what, cause: error)
    }
}
