import ChatContracts

/// What services that a test starts by hand seal and open passwords with.
enum PasswordKeys {
    static let environment: [String: String] = {
        let keys = PasswordPrivateKeys.randomKey()
        let publicKey = (try? PasswordPrivateKeys(keys).currentPublicKey.description) ?? ""
        return ["MARTLET_PASSWORDS_PRIVATE_KEYS": keys, "MARTLET_PASSWORDS_PUBLIC_KEY": publicKey]
    }()
}
