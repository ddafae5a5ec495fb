import ChatContracts

/// A password that may be taken for an account: 8 to 256 bytes of UTF-8, not one of the commonest, not the username.
struct Password: Sendable {
    static let lengths = 8...256

    let bytes: [UInt8]

    /// - Parameter field: the name of the field that a fault names.
    init(_ text: String, username: String, field: String) throws(Fault) {
        let bytes = Array(text.utf8)
        guard bytes.count >= Self.lengths.lowerBound else {
            throw Fault(.weakPassword, "A password has at least 8 letters, digits or signs.", field: field)
        }
        guard bytes.count <= Self.lengths.upperBound else {
            throw Fault(.weakPassword, "A password has at most 256 bytes.", field: field)
        }
        let key = text.lowercased()
        guard key != Username.key(of: username) else {
            throw Fault(.weakPassword, "The password must not be the username.", field: field)
        }
        guard !CommonPasswords.contain(key) else {
            throw Fault(.weakPassword, "This password is one of the commonest. Choose another.", field: field)
        }
        self.bytes = bytes
    }

    /// The bytes of a password that somebody presents. One that is too long cannot be right, and nil stands for it.
    static func presented(_ text: String) -> [UInt8]? {
        text.utf8.count <= lengths.upperBound ? Array(text.utf8) : nil
    }
}
