import FaultHistory

/// One fault of the run, or one combination, from its beginning to its end.
struct FaultWindow: Sendable {
    var number: Int
    var fault: String
    var begin: Moment
    var injections: [Moment] = []
    var healed: Moment?
    var end: Moment?
    var traces: [Trace]
    var recovery: Recovery?
    var details: [String] = []

    /// The windows of a history, in their order.
    static func windows(of ledger: Ledger) throws(CheckError) -> [FaultWindow] {
        var windows: [FaultWindow] = []
        var index: [Int: Int] = [:]
        for (step, moment) in ledger.steps {
            if step.phase == .begin {
                guard index.updateValue(windows.count, forKey: step.window) == nil else {
                    throw .malformed(line: Int(moment.line), reason: "window \(step.window) began before")
                }
                windows.append(
                    FaultWindow(
                        number: step.window, fault: step.fault, begin: moment, traces: step.traces ?? [],
                        recovery: step.recovery))
                continue
            }
            guard let window = index[step.window] else {
                throw .malformed(line: Int(moment.line), reason: "window \(step.window) never began")
            }
            switch step.phase {
            case .begin: break
            case .inject:
                windows[window].injections.append(moment)
                windows[window].details.append(step.detail)
            case .heal:
                windows[window].healed = moment
                if let recovery = step.recovery { windows[window].recovery = recovery }
            case .end: windows[window].end = moment
            }
        }
        return windows
    }

    /// Whether a time of the run belongs to it.
    func contains(_ at: Int64) -> Bool { at >= begin.at && at <= end?.at ?? .max }
}
