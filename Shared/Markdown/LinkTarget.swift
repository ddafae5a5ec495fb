internal import Foundation

/// Where a link of a message leads, if it may lead there.
struct LinkTarget {
    /// ASCII: other letters of the host in Punycode, those of the rest in percent encoding.
    let url: String
    /// The host, or the address of an e-mail.
    let host: String
    /// Whether the host as somebody wrote it has letters that can look like others.
    let isHostEncoded: Bool

    /// Nil unless it is an address of `http`, `https` or `mailto` without a user name: `https://bank.example@other.example`
    /// leads to the second host and looks as if it led to the first.
    init?(_ written: String) {
        guard written.utf8.count <= 2_048, let url = URL(string: written), let scheme = url.scheme?.lowercased() else {
            return nil
        }
        let text = url.absoluteString
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        switch scheme {
        case "http", "https":
            guard url.user == nil, url.password == nil, let host = url.host(percentEncoded: false), !host.isEmpty,
                host.utf8.allSatisfy(Self.isAllowedInHost)
            else { return nil }
            self.url = text
            self.host = host.lowercased()
            isHostEncoded = self.host.split(separator: ".").contains { $0.hasPrefix("xn--") }
        case "mailto":
            // Nothing but the address: a link must not write the mail.
            let address = text.dropFirst("mailto:".count)
            guard !address.contains("?"), address.split(separator: "@", omittingEmptySubsequences: false).count == 2
            else {
                return nil
            }
            self.url = text
            host = String(address)
            isHostEncoded = false
        default: return nil
        }
    }

    private static func isAllowedInHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// Whether the words of the link are the address itself, so that nobody is misled.
    func isSaid(by words: String) -> Bool {
        guard !isHostEncoded else { return false }
        return Self.addresses(meantBy: words).contains { $0 == url || URL(string: $0)?.absoluteString == url }
    }

    /// What somebody means who writes an address without a name for it.
    static func addresses(meantBy words: String) -> [String] {
        [words, "http://\(words)", "https://\(words)", "mailto:\(words)"]
    }
}
