/// A host and a port, written `host:port`, `host` where the port has a usual value, or `[::1]:port` for IPv6.
public struct Endpoint: SettingValue, Hashable {
    public static var settingType: String { "host:port" }

    public var host: String
    /// Nil where the text names none; the reader of the setting fills in the usual one.
    public var port: Int?

    public init(host: String, port: Int? = nil) {
        self.host = host
        self.port = port
    }

    public init?(settingText text: String) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            self.init(host: text[text.index(after: text.startIndex)..<end], portText: text[text.index(after: end)...])
        } else if let colon = text.lastIndex(of: ":") {
            self.init(host: text[..<colon], portText: text[colon...])
        } else {
            self.init(host: text[...], portText: "")
        }
        // An unbracketed IPv6 address would lose its last group to the port.
        if !text.hasPrefix("["), host.contains(":") { return nil }
    }

    private init?(host: Substring, portText: Substring) {
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "%"):
                true
            default: false
            }
        }
        guard !host.isEmpty, allowed else { return nil }
        self.host = String(host)
        if portText.isEmpty {
            port = nil
        } else {
            guard portText.hasPrefix(":"), let port = Int(portText.dropFirst()), (1...65_535).contains(port) else {
                return nil
            }
            self.port = port
        }
    }

    public var settingText: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(host):\($0)" } ?? host
    }

    /// The same endpoint with `port` if it names none.
    public func defaulting(port: Int) -> Self { Self(host: host, port: self.port ?? port) }
}
