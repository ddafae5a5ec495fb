import ChatContracts
import PasswordHashing

/// An account as the service keeps it. Its texts were checked when they were written and are not checked again when they are
/// read, so that a stricter rule never locks out an old account.
struct Account: Sendable {
    var id: UserID
    /// As its owner wrote it at sign-up.
    var username: String
    var displayName: String
    /// Nil for nothing.
    var about: String?
    var passwordHash: PasswordHash
    /// How often the password was set: 1 since sign-up, one more with each change.
    var credentialVersion: Int64 = 1
    var createdAt: Timestamp

    /// What everybody may see of it.
    var user: User {
        User(id: id, username: username, displayName: displayName, about: about, createdAt: createdAt)
    }

    /// The reply to a sign-in.
    var authenticated: AuthenticatedUser { AuthenticatedUser(user: user, credentialVersion: credentialVersion) }
}
