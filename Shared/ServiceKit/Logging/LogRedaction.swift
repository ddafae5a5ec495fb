import Logging
import Synchronization

/// The last guard against secrets in the log: what code should never log in the first place is not printed if it does.
enum LogRedaction {
    static let placeholder = "[redacted]"

    private static let secretWords = [
        "password", "passwd", "passphrase", "secret", "token", "cookie", "authorization", "credential", "apikey",
        "privatekey",
    ]
    /// The contents of messages belong to those who write and read them.
    private static let privateWords: Set<String> = ["body", "text", "draft"]

    /// Keys are words of the code, so a few cached results serve all lines; the bound is for keys that are not.
    private static let knownKeys = Mutex<[String: Bool]>([:])
    private static let mostKnownKeys = 1_000

    /// Whether the values of a metadata key are never shown.
    static func hides(key: String) -> Bool {
        if let isSecret = knownKeys.withLock({ $0[key] }) { return isSecret }
        let isSecret = namesSomethingSecret(key)
        knownKeys.withLock { known in
            if known.count < mostKnownKeys { known[key] = isSecret }
        }
        return isSecret
    }

    private static func namesSomethingSecret(_ key: String) -> Bool {
        var squeezed = ""
        var lastWord = ""
        for character in key {
            if character.isLetter || character.isNumber {
                if character.isUppercase, let last = lastWord.last, last.isLowercase || last.isNumber { lastWord = "" }
                squeezed += character.lowercased()
                lastWord.append(character)
            } else {
                lastWord = ""
            }
        }
        return secretWords.contains { squeezed.contains($0) } || privateWords.contains(lastWord.lowercased())
    }

    /// The text without the credentials of any address in it: `amqp://user:word@host` keeps only the host.
    static func withoutCredentials(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")), text.contains("://") else { return text }
        var result = ""
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !$0.isWhitespace && !"/?#\"'<>".contains($0) }
            if let at = authority.lastIndex(of: "@") {
                result += placeholder
                rest = rest[at...]
            }
        }
        return result + rest
    }
}
