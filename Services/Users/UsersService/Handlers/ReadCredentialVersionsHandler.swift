import ChatContracts
import MessageBus
import MongoStore

/// Tells gateways the present credential versions of accounts.
struct ReadCredentialVersionsHandler: Sendable {
    let store: AccountStore

    func callAsFunction(
        _ request: ReadCredentialVersions, _ context: RequestContext
    ) async throws -> CredentialVersionsAnswer {
        guard request.users.count <= ReadCredentialVersions.maximumUsers else {
            throw Fault(
                .invalid, "At most \(ReadCredentialVersions.maximumUsers) accounts can be asked for at once.",
                field: "users")
        }
        return CredentialVersionsAnswer(versions: try await store.credentialVersions(of: request.users))
    }
}
