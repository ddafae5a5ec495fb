/// A stored password hash in the PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`, with salt and tag in
/// Base64 without padding.
public struct PasswordHash: Sendable, Hashable {
    /// The text to store. Secret: whoever has it can try passwords offline.
    public let encoded: String
    /// What it cost, read from the text.
    public let parameters: HashingParameters

    /// Reads a stored hash. Throws `malformedHash` for anything but Argon2id version 19 within sensible bounds.
    public init(encoded: String) throws(PasswordHashingError) {
        guard let parameters = Self.parameters(of: encoded) else {
            throw PasswordHashingError(.malformedHash, "the stored hash is not a usable Argon2id hash")
        }
        self.encoded = encoded
        self.parameters = parameters
    }

    init(trusted encoded: String, parameters: HashingParameters) {
        self.encoded = encoded
        self.parameters = parameters
    }

    /// A well-formed hash that no password fits, at the cost of `parameters`. Checking a password against it takes as
    /// long as against a real one.
    static func unmatchable(_ parameters: HashingParameters) -> PasswordHash {
        let salt = Base64.encode([UInt8](repeating: 0x4d, count: parameters.saltLength))
        let tag = Base64.encode([UInt8](repeating: 0x2a, count: parameters.tagLength))
        let costs = "m=\(parameters.memory),t=\(parameters.iterations),p=\(parameters.lanes)"
        return PasswordHash(trusted: "$argon2id$v=19$\(costs)$\(salt)$\(tag)", parameters: parameters)
    }

    private static func parameters(of encoded: String) -> HashingParameters? {
        guard encoded.utf8.count <= 512 else { return nil }
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let costs = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard costs.count == 3, let memory = cost("m=", costs[0]), let iterations = cost("t=", costs[1]),
            let lanes = cost("p=", costs[2]), let salt = Base64.decodedCount(parts[4]),
            let tag = Base64.decodedCount(parts[5])
        else { return nil }
        let parameters = HashingParameters(
            memory: memory, iterations: iterations, lanes: lanes, saltLength: salt, tagLength: tag)
        return parameters.isValid ? parameters : nil
    }

    private static func cost(_ name: String, _ text: Substring) -> UInt32? {
        guard text.hasPrefix(name) else { return nil }
        let digits = text.dropFirst(name.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return nil
        }
        return UInt32(digits)
    }
}

extension PasswordHash: CustomStringConvertible, CustomDebugStringConvertible {
    /// Tells the cost and nothing else, so that a hash that strays into a log is not one.
    public var description: String {
        "argon2id(m=\(parameters.memory), t=\(parameters.iterations), p=\(parameters.lanes))"
    }
    public var debugDescription: String { description }
}

/// The alphabet of the PHC string format.
private enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(pending >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The number of bytes that `text` stands for; nil if it is not unpadded Base64.
    static func decodedCount(_ text: Substring) -> Int? {
        let digits = text.utf8
        guard digits.count % 4 != 1, digits.allSatisfy({ alphabet.contains($0) }) else { return nil }
        return digits.count * 6 / 8
    }
}
