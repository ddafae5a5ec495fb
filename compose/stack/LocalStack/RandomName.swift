/// Random text for names and passwords, from the system's cryptographic generator.
public enum RandomName {
    /// Lower-case letters and digits, 5 bits each.
    public static func make(length: Int = 12) -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
