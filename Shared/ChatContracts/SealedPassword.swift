/// A password that only the users service can read. The broker keeps requests in files, so a password must never be in
/// one as it is.
///
/// On the bus it is one text: base64 of a version byte (1), the id of the key (8 bytes), the encapsulated key (32 bytes)
/// and the ciphertext of HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305). The text is no secret, and may stand in
/// logs and dead letters.
public struct SealedPassword: Codable, Sendable, Hashable {
    public let text: String

    /// Any text; whether it can be opened shows when it is.
    public init(text: String) { self.text = text }

    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What a sealed password may be used for. It opens for nothing else, so that one cannot be moved from the request of one
/// account, or from one field, to another.
public struct PasswordBinding: Sendable, Hashable {
    let field: String
    /// What HPKE authenticates with the password.
    let authenticated: [UInt8]

    /// - Parameters:
    ///   - request: the type name of the request
    ///   - field: the field of the request, which faults name
    ///   - subject: the username or the id of the account, as the request has it
    init(request: String, field: String, subject: String) {
        self.field = field
        // Neither a type's nor a field's name has a zero in it, so no two bindings have the same bytes.
        authenticated = Array(request.utf8) + [0] + Array(field.utf8) + [0] + Array(subject.utf8)
    }
}
