import ChatContracts
import FaultHistory
import Foundation
import Synchronization

/// What everybody in a run shares: the network, the history, the counts.
final class RunContext: Sendable {
    let configuration: WorkloadConfiguration
    let web: WebClient
    let history: HistoryWriter
    private let tally = Mutex(WorkloadCounts())
    private let copiesOfSends = Mutex(1...1)

    init(_ configuration: WorkloadConfiguration, history: HistoryWriter) {
        self.configuration = configuration
        self.history = history
        web = WebClient(configuration)
    }

    var counts: WorkloadCounts { tally.withLock { $0 } }
    func count(_ change: (inout WorkloadCounts) -> Void) { tally.withLock { change(&$0) } }

    /// How often each attempt to send is made at once.
    var copies: ClosedRange<Int> {
        get { copiesOfSends.withLock { $0 } }
        set { copiesOfSends.withLock { $0 = newValue } }
    }

    func gateway(_ number: Int) -> WorkloadConfiguration.Gateway {
        let gateways = configuration.gateways
        return gateways[number % gateways.count]
    }

    func note(_ text: String, by process: String) { history.record(.note(Note(text: text)), by: process) }

    /// A request as an operation of the history.
    struct Operation {
        var process: String
        var method: String
        var path: String
        var body: [UInt8]?
        var gateway: WorkloadConfiguration.Gateway
        var cookie: String?
        /// Whether an answer that got lost leaves it open what happened.
        var changes: Bool
    }

    /// Records, asks, records.
    ///
    /// - Parameters:
    ///   - invoked: what to record before.
    ///   - succeeded: what to record of a success; nil if the answer is not what was promised.
    ///   - present: the message that a refusal came with, if it did.
    func carryOut(
        _ operation: Operation, invoked: (Int64) -> Event, succeeded: (Int64, Response) -> Event?,
        present: (Response) -> SeenMessage? = { _ in nil }
    ) async -> Verdict {
        let op = history.nextOperation()
        history.record(invoked(op), by: operation.process)
        let result = await web.request(
            operation.method, operation.path, at: operation.gateway, cookie: operation.cookie, body: operation.body)
        var verdict = operation.changes ? Verdict(ofChange: result) : Verdict(ofQuestion: result)
        if case .success(let answer) = verdict {
            if let event = succeeded(op, answer) {
                history.record(event, by: operation.process)
            } else {
                verdict =
                    operation.changes
                    ? .unknown(reason: "unreadable")
                    : .refused(status: answer.status, code: "unreadable", retryAfter: nil)
            }
        }
        switch verdict {
        case .success: break
        case .refused(let status, let code, let retryAfter):
            let message: SeenMessage? = if case .success(let answer) = result { present(answer) } else { nil }
            history.record(
                .refused(Refused(op: op, status: status, code: code, retryAfter: retryAfter, present: message)),
                by: operation.process)
        case .unknown(let reason, _, let isAccepted):
            history.record(
                .unknown(OutcomeUnknown(op: op, reason: reason, accepted: isAccepted ? true : nil)),
                by: operation.process)
        }
        return verdict
    }
}

/// The JSON of a request.
func body(_ value: some Encodable) -> [UInt8] {
    Array((try? JSONEncoder().encode(value)) ?? Data())
}
