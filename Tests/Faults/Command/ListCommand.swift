import ArgumentParser
import FaultHistory
import FaultInjection

extension FaultsCommand {
    /// Says what the faults are.
    struct ListCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the faults that can be injected.")

        func run() {
            for id in FaultCatalogue.ids {
                for fault in FaultCatalogue.all where fault.id == id {
                    let rule = fault.recovery
                    let limit = rule.within.map {
                        "within \($0) s of the \(rule.from == .inject ? "fault" : "healing")"
                    }
                    print("\(fault.name)  (sends work again \(limit ?? "at some time"))\n    \(fault.summary)")
                }
            }
        }
    }
}
