import ChatContracts
import Foundation

extension Timestamp {
    /// What this machine's clock says.
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}
