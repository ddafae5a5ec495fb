import Foundation

/// What a gateway answered.
struct Response: Sendable {
    var status: Int
    var body: Data
    /// `name=value` of the cookie that came with it.
    var cookie: String?
    /// Seconds after which trying again makes sense.
    var retryAfter: Int?

    var isSuccess: Bool { (200..<300).contains(status) }

    /// The body; nil if it is cut off or not what was promised.
    func decode<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: body)
    }

    /// The problem document's code; nil if something else than the chat answered.
    var code: String? {
        struct Document: Decodable { var code: String }
        return decode(Document.self)?.code
    }

    /// Whether the problem document says that what was asked will be done although nobody knows of it yet.
    var isAccepted: Bool {
        struct Document: Decodable { var accepted: Bool? }
        return decode(Document.self)?.accepted ?? false
    }
}

/// Why there is no answer.
enum NoResponse: Error, Sendable {
    /// No connection came about: no byte of the request has left.
    case notSent(String)
    /// The request may have arrived.
    case lost(String)
}

/// What is known of a request after it.
enum Verdict: Sendable {
    case success(Response)
    /// Surely not carried out.
    case refused(status: Int, code: String, retryAfter: Int?)
    /// Carried out, or not, or later; surely sooner or later if it was accepted.
    case unknown(reason: String, retryAfter: Int? = nil, isAccepted: Bool = false)

    /// Judges a request that changes something.
    init(ofChange result: Result<Response, NoResponse>) {
        self.init(result, changes: true)
    }

    /// Judges a request that changes nothing: without an answer it simply failed.
    init(ofQuestion result: Result<Response, NoResponse>) {
        self.init(result, changes: false)
    }

    private init(_ result: Result<Response, NoResponse>, changes: Bool) {
        switch result {
        case .success(let answer) where answer.isSuccess:
            self = .success(answer)
        case .success(let answer):
            let code = answer.code
            switch (answer.status, code) {
            case (504, _), (500, _), (_, nil), (_, "outcome-unknown"), (_, "internal-error"):
                // Without a problem document nobody can say who answered, and after what.
                self = .unknown(
                    reason: code ?? "status-\(answer.status)", retryAfter: answer.retryAfter,
                    isAccepted: answer.isAccepted)
            default:
                self = .refused(status: answer.status, code: code ?? "", retryAfter: answer.retryAfter)
            }
        case .failure(.notSent):
            self = .refused(status: 0, code: "no-connection", retryAfter: nil)
        case .failure(.lost(let reason)):
            self = .unknown(reason: reason)
        }
        if !changes, case .unknown(let reason, let retryAfter, _) = self {
            let status = if case .success(let answer) = result { answer.status } else { 0 }
            self = .refused(status: status, code: reason, retryAfter: retryAfter)
        }
    }

    var isSignedOut: Bool {
        if case .refused(401, "not-signed-in", _) = self { true } else { false }
    }

    /// Whether the same request may succeed later.
    var isTransient: Bool {
        switch self {
        case .success: false
        case .unknown: true
        case .refused(let status, _, _): status == 0 || status == 408 || status == 429 || status >= 500
        }
    }

    /// Whether another gateway might know better: not if this one only asks for patience with this user.
    var asksForAnotherGateway: Bool {
        if case .refused(429, _, _) = self { false } else { isTransient }
    }

    var retryAfter: Int? {
        switch self {
        case .success: nil
        case .refused(_, _, let seconds), .unknown(_, let seconds, _): seconds
        }
    }

    /// Whether it was promised that it will be carried out.
    var isAccepted: Bool {
        if case .unknown(_, _, true) = self { true } else { false }
    }
}
