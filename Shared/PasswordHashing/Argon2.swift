internal import CArgon2

/// The calls into libargon2. Each blocks its thread for as long as the hash takes, and each is independent of all
/// others: the library keeps no state between calls.
enum Argon2 {
    static func hash(
        _ password: [UInt8], salt: [UInt8], parameters: HashingParameters
    ) throws(PasswordHashingError) -> String {
        let capacity = argon2_encodedlen(
            parameters.iterations, parameters.memory, parameters.lanes, UInt32(salt.count),
            UInt32(parameters.tagLength), Argon2_id)
        var encoded = [CChar](repeating: 0, count: capacity)
        let status = argon2id_hash_encoded(
            parameters.iterations, parameters.memory, parameters.lanes, password, password.count, salt, salt.count,
            parameters.tagLength, &encoded, encoded.count)
        guard status == ARGON2_OK.rawValue else { throw error(status) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password fits. The library compares the tags in constant time.
    static func verify(_ password: [UInt8], encoded: String) throws(PasswordHashingError) -> Bool {
        let status = argon2id_verify(encoded, password, password.count)
        switch status {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw error(status)
        }
    }

    private static func error(_ status: Int32) -> PasswordHashingError {
        let reason = argon2_error_message(status).map { String(cString: $0) } ?? "code \(status)"
        let isDecoding = status == ARGON2_DECODING_FAIL.rawValue || status == ARGON2_INCORRECT_TYPE.rawValue
        return PasswordHashingError(isDecoding ? .malformedHash : .refused, reason)
    }
}
