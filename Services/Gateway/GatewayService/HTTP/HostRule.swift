import Foundation
import NIOHTTP1

/// Which `Host` a request has to name: exactly one, well-formed, and a host of this server if it is known which those are.
/// A page of another site whose name was made to point here then gets nothing.
struct HostRule: Sendable {
    /// Names without ports, in lowercase; empty for any.
    private let names: Set<String>

    /// - Parameter origins: Such as `https://chat.example.org:8443`.
    init(origins: Set<String>) { names = Set(origins.compactMap { URL(string: $0)?.host.map(Self.plain) }) }

    /// Why a request is refused; nil if nothing speaks against it.
    func objection(to headers: HTTPHeaders) -> String? {
        let hosts = headers["host"]
        guard hosts.count == 1, let host = hosts.first, let name = Self.name(in: host) else {
            return "A request has to have one Host header that names a host, and a port if it is not the usual one."
        }
        guard names.isEmpty || names.contains(name) else {
            return "This server has another name than the Host header says. Its names are those in http.origins."
        }
        return nil
    }

    /// The name in `name`, `name:port`, `[address]` or `[address]:port`, in lowercase; nil for anything else.
    static func name(in host: String) -> String? {
        let name: Substring
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]"), NetworkAddress(host[..<end].dropFirst())?.bytes.count != nil
            else {
                return nil
            }
            name = host[...end]
        } else {
            name = host.prefix { $0 != ":" }
            guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy(isOfName) else { return nil }
        }
        let port = host[name.endIndex...]
        guard port.isEmpty || port.first == ":" && isPort(port.dropFirst()) else { return nil }
        return plain(String(name))
    }

    private static func plain(_ name: String) -> String {
        let name = name.lowercased()
        let bare = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name
        return bare.hasSuffix(".") ? String(bare.dropLast()) : bare
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text) != nil
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
