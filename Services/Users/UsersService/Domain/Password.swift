import ChatContracts

/// A password that may be taken for an account: at least 8 characters, at most 256 bytes of UTF-8, not one of the commonest
/// or with little changed, and not the username or the site's name with little added.
struct Password: Sendable {
    static let minimumCharacters = 8
    static let maximumBytes = 256
    /// What anybody who guesses passwords of this chat tries first.
    private static let siteName = "martlet"

    let bytes: [UInt8]

    /// - Parameter field: the name of the field that a fault names.
    init(_ text: String, username: String, field: String) throws(Fault) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw Fault(.weakPassword, "A password has at most 256 bytes.", field: field)
        }
        guard text.count >= Self.minimumCharacters else {
            throw Fault(.weakPassword, "A password has at least 8 characters.", field: field)
        }
        let folded = FoldedText.fold(text)
        guard !Self.isLittleMore(than: username, folded) else {
            throw Fault(
                .weakPassword, "A password must not be the username with little added. Choose another.", field: field)
        }
        guard !Self.isLittleMore(than: Self.siteName, folded) else {
            throw Fault(
                .weakPassword, "A password must not be the name of this site with little added. Choose another.",
                field: field)
        }
        guard !Self.isTrivial(folded) else {
            throw Fault(
                .weakPassword,
                "This password is one of the commonest, or one with little changed. Choose another.", field: field)
        }
        bytes = Array(text.utf8)
    }

    /// Whether the password has the name in it, and would be too short or trivial without it.
    private static func isLittleMore(than name: String, _ folded: String) -> Bool {
        let whole = FoldedText.fold(name)
        for name in Set([whole, whole.filter { $0.isLetter || $0.isNumber }]) where name.count >= 3 {
            for form in Set([folded] + TrivialForm.plain(folded)) where form.contains(name) {
                let rest = FoldedText.fold(form.replacing(name, with: " "))
                if rest.count < minimumCharacters || isTrivial(rest) { return true }
            }
        }
        return false
    }

    private static func isTrivial(_ folded: String) -> Bool {
        CommonPasswords.contain(folded) || TrivialForm.matches(folded)
    }

    /// The bytes of a password to check. Nil if it is too long, because then it cannot be right.
    static func presented(_ text: String) -> [UInt8]? {
        text.utf8.count <= maximumBytes ? Array(text.utf8) : nil
    }
}
