import Crypto
import Foundation

/// The key that gateways seal passwords with. Its text is the base64 of its 32 bytes.
public struct PasswordPublicKey: Sendable, Equatable, CustomStringConvertible {
    private let key: Curve25519.KeyAgreement.PublicKey

    /// - Throws: what is wrong with the text.
    public init(_ text: String) throws(PasswordKeyError) {
        guard let data = Data(base64Encoded: text), data.count == 32,
            let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: data)
        else { throw PasswordKeyError("it is not the base64 text of a public key of 32 bytes") }
        self.key = key
    }

    fileprivate init(_ key: Curve25519.KeyAgreement.PublicKey) { self.key = key }

    public var description: String { key.rawRepresentation.base64EncodedString() }

    public static func == (left: Self, right: Self) -> Bool {
        left.key.rawRepresentation == right.key.rawRepresentation
    }

    /// Seals a password. Its length shows in steps of 64 bytes only.
    ///
    /// - Throws: only for a key that is no point of use, such as one of zeros.
    public func seal(_ password: String, for binding: PasswordBinding) throws(PasswordKeyError) -> SealedPassword {
        do {
            var sender = try HPKE.Sender(
                recipientKey: key, ciphersuite: SealedForm.ciphersuite, info: SealedForm.info)
            let ciphertext = try sender.seal(SealedForm.padded(password), authenticating: binding.authenticated)
            let whole = [SealedForm.version] + SealedForm.id(of: key) + sender.encapsulatedKey + ciphertext
            return SealedPassword(text: Data(whole).base64EncodedString())
        } catch {
            throw PasswordKeyError("no password can be sealed with this key")
        }
    }
}

/// The keys that the users service opens passwords with. Their text has one key a line, each the base64 of its 32 bytes;
/// the first is the current one, the others open what was sealed before it was made.
public struct PasswordPrivateKeys: Sendable {
    private let keys: [Curve25519.KeyAgreement.PrivateKey]
    private let byID: [[UInt8]: Curve25519.KeyAgreement.PrivateKey]

    /// - Throws: what is wrong with the text, by the number of the line and never with what the line holds.
    public init(_ text: String) throws(PasswordKeyError) {
        var keys: [Curve25519.KeyAgreement.PrivateKey] = []
        for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            guard let data = Data(base64Encoded: line.trimmingCharacters(in: .whitespaces)), data.count == 32,
                let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: data)
            else {
                throw PasswordKeyError("line \(index + 1) is not the base64 text of a private key of 32 bytes")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw PasswordKeyError("there is no key in it") }
        self.keys = keys
        byID = Dictionary(keys.map { (SealedForm.id(of: $0.publicKey), $0) }) { first, _ in first }
    }

    /// The text of a new private key.
    public static func randomKey() -> String {
        Curve25519.KeyAgreement.PrivateKey().rawRepresentation.base64EncodedString()
    }

    /// What gateways seal with.
    public var currentPublicKey: PasswordPublicKey { PasswordPublicKey(keys[0].publicKey) }

    /// The password, if it was sealed for one of these keys and for this use.
    ///
    /// - Throws: `invalid`, naming the field.
    public func open(_ password: SealedPassword, for binding: PasswordBinding) throws(Fault) -> String {
        let header = 1 + SealedForm.idSize + SealedForm.encapsulatedSize
        guard password.text.utf8.count <= SealedForm.maximumTextSize,
            let data = Data(base64Encoded: password.text).map(Array.init), data.count > header,
            data[0] == SealedForm.version
        else { throw Fault(.invalid, "This is not a sealed password.", field: binding.field) }
        guard let key = byID[Array(data[1...SealedForm.idSize])] else {
            throw Fault(
                .invalid,
                "The password was sealed for a key that the users service does not have. Give the gateways and the "
                    + "users services keys that belong together.", field: binding.field)
        }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: SealedForm.ciphersuite, info: SealedForm.info,
                encapsulatedKey: Data(data[(1 + SealedForm.idSize)..<header]))
            let opened = try recipient.open(data[header...], authenticating: binding.authenticated)
            guard let text = SealedForm.text(of: Array(opened)) else { throw PasswordKeyError("malformed") }
            return text
        } catch {
            throw Fault(
                .invalid, "The sealed password cannot be opened for this request.", field: binding.field)
        }
    }
}

/// Why a text is no key.
public struct PasswordKeyError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// What sealing and opening have in common.
private enum SealedForm {
    static let version: UInt8 = 1
    static let idSize = 8
    static let encapsulatedSize = 32
    /// Bounds the work for a text that no gateway has made: gateways refuse larger bodies long before.
    static let maximumTextSize = 128 << 10
    static var ciphersuite: HPKE.Ciphersuite { .Curve25519_SHA256_ChachaPoly }
    static var info: Data { Data("martlet password 1".utf8) }
    private static let step = 64

    static func id(of key: Curve25519.KeyAgreement.PublicKey) -> [UInt8] {
        Array(SHA256.hash(data: key.rawRepresentation).prefix(idSize))
    }

    /// Four bytes with the number of bytes, the bytes, and zeros up to the next step.
    static func padded(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let count = UInt32(bytes.count)
        let padded = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) } + bytes
        return padded + Array(repeating: 0, count: (step - padded.count % step) % step)
    }

    static func text(of padded: [UInt8]) -> String? {
        guard padded.count >= 4 else { return nil }
        let count = padded[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard count <= padded.count - 4 else { return nil }
        return String(validating: padded[4..<(4 + count)], as: UTF8.self)
    }
}
