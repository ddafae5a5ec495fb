public import ChatContracts

/// Why a call or a publication did not succeed, and whether it may nevertheless have been executed.
public struct BusError: Error, Sendable {
    public enum Kind: Sendable, Hashable {
        /// The service answered that it did not do it.
        case refused(Fault)
        /// Surely not executed: no queue or consumer took it, the broker refused it, or it never left this process.
        case notSent
        /// It may or may not have been executed: the deadline passed, or a connection was lost at the wrong moment.
        case outcomeUnknown
        /// The request was executed, but its reply cannot be read. A defect of one of the two sides.
        case malformedReply
    }

    public var kind: Kind
    /// With ``Kind/outcomeUnknown``: whether the broker has confirmed the command. It is then executed or refused, or
    /// dead-lettered for an operator, sooner or later, also if nobody asks again.
    public var isAccepted = false
    /// For logs; never shows a body.
    public var message: String
    public var cause: (any Error)?

    public init(_ kind: Kind, _ message: String, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }

    /// What the service refused, if it did.
    public var fault: Fault? {
        if case .refused(let fault) = kind { fault } else { nil }
    }

    /// Whether the request may have been executed although no answer is known.
    public var outcomeUnknown: Bool {
        switch kind {
        case .outcomeUnknown, .malformedReply: true
        case .refused, .notSent: false
        }
    }
}

extension BusError: CustomStringConvertible {
    public var description: String {
        let name =
            switch kind {
            case .refused(let fault): "refused (\(fault.code.rawValue))"
            case .notSent: "not sent"
            case .outcomeUnknown: "outcome unknown"
            case .malformedReply: "malformed reply"
            }
        return if let cause { "\(name): \(message) [\(cause)]" } else { "\(name): \(message)" }
    }
}
