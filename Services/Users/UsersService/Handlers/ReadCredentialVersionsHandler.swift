import ChatContracts
import MessageBus
import MongoStore

/// Returns the current credential versions of accounts to gateways, as far as they are not the first.
struct ReadCredentialVersionsHandler: Sendable {
    let store: AccountStore

    func callAsFunction(
        _ request: ReadCredentialVersions, _ context: RequestContext
    ) async throws -> CredentialVersionsResponse {
        guard request.users.count <= ReadCredentialVersions.maximumUsers else {
            throw Fault(
                .invalid, "At most \(ReadCredentialVersions.maximumUsers) accounts per request.",
                field: "users")
        }
        return CredentialVersionsResponse(versions: try await store.credentialVersions(of: request.users))
    }
}
