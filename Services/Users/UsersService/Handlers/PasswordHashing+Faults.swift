import ChatContracts
import PasswordHashing

extension PasswordHasher {
    /// Like ``hash(_:timeout:)``, with overload as the fault `busy`.
    func hashOrRefuse(_ password: [UInt8], timeout: Duration) async throws -> PasswordHash {
        do throws(PasswordHashingError) {
            return try await hash(password, timeout: timeout)
        } catch {
            throw refusal(error)
        }
    }

    /// Like ``verify(_:against:timeout:)``, with overload as the fault `busy`. A password that no account can have is
    /// checked at the same cost.
    func verifyOrRefuse(_ password: String, against hash: PasswordHash?, timeout: Duration) async throws -> Bool {
        let presented = Password.presented(password)
        do throws(PasswordHashingError) {
            return try await verify(presented ?? [], against: presented == nil ? nil : hash, timeout: timeout)
        } catch {
            throw refusal(error)
        }
    }
}

private func refusal(_ error: PasswordHashingError) -> any Error {
    guard error.isOverload else { return error }
    return Fault(.busy, "Too many passwords are being checked at the moment. Try again in a few seconds.")
}
