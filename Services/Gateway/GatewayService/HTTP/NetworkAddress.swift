/// An IPv4 or IPv6 address as bytes, or a range of them.
struct NetworkAddress: Sendable, Equatable {
    /// 4 or 16 bytes. An IPv4 address that is mapped into IPv6 is kept as IPv4.
    let bytes: [UInt8]

    init?(_ text: some StringProtocol) {
        let plain = text.prefix { $0 != "%" }
        if plain.contains(":") {
            guard var bytes = Self.version6(plain) else { return nil }
            if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { bytes.removeFirst(12) }
            self.bytes = bytes
        } else {
            guard let bytes = Self.version4(plain) else { return nil }
            self.bytes = bytes
        }
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { $0.count <= 3 ? UInt8($0) : nil }
        return bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: some StringProtocol) -> [UInt8]? {
        func groups(_ text: some StringProtocol) -> [UInt8]? {
            guard !text.isEmpty else { return [] }
            var bytes: [UInt8] = []
            for part in text.split(separator: ":", omittingEmptySubsequences: false) {
                if part.contains(".") {
                    guard let tail = version4(part) else { return nil }
                    bytes += tail
                } else {
                    guard part.count <= 4, let group = UInt16(part, radix: 16) else { return nil }
                    bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
                }
            }
            return bytes
        }
        let text = String(text)
        guard let gap = text.firstRange(of: "::") else {
            return groups(text).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 16
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }
}

/// The first bytes of an address: a network.
struct NetworkPrefix: Sendable, Hashable {
    private let bytes: [UInt8]

    /// The networks around an address that rate limits count by, the narrowest first: the address itself and its /24, or
    /// the /64, /56 and /48 of IPv6. What is no address is a network of its own.
    static func around(_ text: String) -> [NetworkPrefix] {
        guard let address = NetworkAddress(text) else { return [NetworkPrefix(bytes: Array(text.utf8))] }
        let lengths = address.bytes.count == 4 ? [4, 3] : [8, 7, 6]
        return lengths.map { NetworkPrefix(bytes: Array(address.bytes.prefix($0))) }
    }
}

/// A range of addresses, such as `10.0.0.0/8`, or a single one.
struct NetworkRange: Sendable, Equatable {
    let address: NetworkAddress
    let bits: Int

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = NetworkAddress(first) else { return nil }
        self.address = address
        guard parts.count == 2 else {
            bits = address.bytes.count * 8
            return
        }
        guard let bits = Int(parts[1]), (0...address.bytes.count * 8).contains(bits) else { return nil }
        self.bits = bits
    }

    func contains(_ other: NetworkAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        var bits = bits
        for (mine, theirs) in zip(address.bytes, other.bytes) {
            guard bits > 0 else { return true }
            let mask: UInt8 = bits >= 8 ? 0xff : ~(0xff >> UInt8(bits))
            guard mine & mask == theirs & mask else { return false }
            bits -= 8
        }
        return true
    }
}

/// Who a request comes from when it may have passed proxies.
struct ClientAddress: Sendable {
    /// Proxies whose `X-Forwarded-For` is believed.
    let trustedProxies: [NetworkRange]

    /// The rightmost address that is not a trusted proxy; what stands left of it, anybody may have written.
    func resolve(peer: String, forwardedFor: [String]) -> String {
        guard isTrusted(peer) else { return peer }
        var client = peer
        let hops = forwardedFor.flatMap { $0.split(separator: ",") }.map { hop in
            String(hop.drop { $0 == " " }.prefix { $0 != " " })
        }
        for hop in hops.reversed() {
            guard NetworkAddress(hop) != nil else { break }
            client = hop
            guard isTrusted(hop) else { break }
        }
        return client
    }

    /// Whether the address is a proxy's.
    func isTrusted(_ text: String) -> Bool {
        guard !trustedProxies.isEmpty, let address = NetworkAddress(text) else { return false }
        return trustedProxies.contains { $0.contains(address) }
    }
}
