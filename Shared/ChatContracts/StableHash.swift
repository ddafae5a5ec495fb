/// Hashes that every process and every release computes alike, unlike Swift's seeded `Hasher`.
public enum StableHash {
    /// 64-bit FNV-1a over an identifier's 16 bytes.
    public static func fnv1a<Kind>(_ identifier: Identifier<Kind>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for half in [identifier.high, identifier.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                hash = (hash ^ (half >> shift & 0xff)) &* 0x100_0000_01b3
            }
        }
        return hash
    }
}
