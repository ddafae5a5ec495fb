import Crypto

/// What somebody sent, in 32 bytes: SHA-256 over the text and what it answers.
public struct ContentDigest: Sendable, Hashable {
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    public init(text: String, replyTo: Int64?) {
        var hash = SHA256()
        var number = UInt64(bitPattern: replyTo ?? 0)
        for _ in 0..<8 {
            hash.update(data: [UInt8(truncatingIfNeeded: number)])
            number >>= 8
        }
        hash.update(data: Array(text.utf8))
        bytes = Array(hash.finalize())
    }
}
