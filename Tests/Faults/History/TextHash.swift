/// The short form in which histories carry texts: the 64-bit FNV-1a hash of the UTF-8 bytes, as 16 hexadecimal digits.
///
/// It tells the texts of a run apart, which are no attacks on it; and it is the same everywhere and for ever.
public enum TextHash {
    public static func of(_ text: String) -> String { of(text.utf8) }

    public static func of(_ bytes: some Sequence<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
