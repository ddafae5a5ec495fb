/// The operation was surely not carried out.
public struct Refused: Codable, Sendable, Hashable {
    public var op: Int64
    /// The status of the answer; 0 if no connection was made, so that no byte of the request ever left.
    public var status: Int
    /// The problem document's code.
    public var code: String
    /// Seconds after which trying again makes sense, as the answer said; absent if it did not say.
    public var retryAfter: Int?
    /// The message as it is, with the refusal of a change that somebody else's was faster than.
    public var present: SeenMessage?

    public init(op: Int64, status: Int, code: String, retryAfter: Int? = nil, present: SeenMessage? = nil) {
        self.op = op
        self.status = status
        self.code = code
        self.retryAfter = retryAfter
        self.present = present
    }
}

/// The operation may have been carried out, or not, or may still be later.
public struct OutcomeUnknown: Codable, Sendable, Hashable {
    public var op: Int64
    /// Why nobody knows: a code of the API such as `outcome-unknown`, or what happened to the connection.
    public var reason: String
    /// The answer said that the operation was taken and will be carried out; absent if it did not.
    public var accepted: Bool?

    public init(op: Int64, reason: String, accepted: Bool? = nil) {
        self.op = op
        self.reason = reason
        self.accepted = accepted
    }
}
