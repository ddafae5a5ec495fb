import Foundation
import Synchronization

/// Finds TCP ports of the loopback address that nobody listens on.
public enum FreePort {
    /// A free port below the range from which the system takes the ports of outgoing connections, so that none of
    /// those can take it between now and its use.
    public static func find() throws(LocalStackError) -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 15_000..<32_000)
            if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw LocalStackError(.port, "no free port found between 15000 and 32000")
    }

    /// What was given out, so that two parts which start at the same time get different ones.
    private static let given = Mutex<Set<Int>>([])

    /// Whether a listener could bind the port on the loopback address now.
    public static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As servers do, so that a port that is only in TIME_WAIT counts as free.
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
        } == 0
    }
}
