/// I17: I1 to I10, I18 and I19 hold while clocks are wrong.
extension Trial {
    /// The fault that sets clocks wrong.
    static let clockFault = "F17"

    func clockIndependence(_ others: [(invariant: Invariant, parts: [Examination])]) -> [Examination] {
        let wrong = windows.filter { $0.fault.split(separator: "+").contains(Substring(Self.clockFault)) }
        guard !wrong.isEmpty else { return [.undecided("clocks", "no clock was set wrong")] }
        var examination = Examination("clocks")
        for (invariant, parts) in others {
            for part in parts {
                examination.look()
                for occurrence in part.occurrences {
                    guard let window = wrong.first(where: { $0.contains(occurrence.at) }) else { continue }
                    examination.accuse(
                        "\(invariant.rawValue) was violated while clocks were wrong",
                        of: "\(invariant.rawValue)/\(occurrence.subject)", at: window.injections.first ?? window.begin,
                        lines: window.injections)
                }
            }
        }
        return [examination]
    }
}
