/// An account as everybody may see it. The same shape on the bus and in the API.
public struct User: Codable, Sendable, Hashable {
    public var id: UserID
    /// As its owner wrote it at sign-up; compared without case.
    public var username: String
    public var displayName: String
    /// What the user says of themselves; nil for nothing.
    public var about: String?
    public var createdAt: Timestamp

    public init(id: UserID, username: String, displayName: String, about: String? = nil, createdAt: Timestamp) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.about = about
        self.createdAt = createdAt
    }
}

/// An account whose password was right, and which of its passwords that was.
public struct AuthenticatedUser: Codable, Sendable, Hashable {
    public var user: User
    /// How often the password was set, as of the hash that was checked: 1 since sign-up, one more with each change. A
    /// session that was opened with a lower version than the account's present one has ended.
    public var credentialVersion: Int64

    public init(user: User, credentialVersion: Int64) {
        self.user = user
        self.credentialVersion = credentialVersion
    }
}

/// Makes an account. Faults: `invalid` (username, displayName, password), `weak-password`, `username-taken`.
///
/// The id is the caller's choice so that a repeat after an unknown outcome is recognised as the same sign-up.
public struct RegisterUser: AccountCommand {
    public static let typeName = "user.register.v2"
    public typealias Reply = AuthenticatedUser
    public var id: UserID
    public var username: String
    /// Shown to others; the username if nil.
    public var displayName: String?
    /// Bound to ``passwordBinding(username:)``.
    public var password: SealedPassword

    public init(id: UserID, username: String, displayName: String?, password: SealedPassword) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.password = password
    }

    public static func passwordBinding(username: String) -> PasswordBinding {
        PasswordBinding(request: typeName, field: "password", subject: username)
    }
}

/// Checks a password. Faults: `wrong-credentials` (the same answer and the same work for an unknown name), `invalid`
/// (password), `busy`.
public struct SignIn: RoutedRequest {
    public static let typeName = "user.sign-in.v2"
    public typealias Reply = AuthenticatedUser
    public static var form: RequestForm { .query }
    /// A queue of its own, because checking a password takes long.
    public var queue: String { Topology.userSignIns }
    public var username: String
    /// Bound to ``passwordBinding(username:)``.
    public var password: SealedPassword

    public init(username: String, password: SealedPassword) {
        self.username = username
        self.password = password
    }

    public static func passwordBinding(username: String) -> PasswordBinding {
        PasswordBinding(request: typeName, field: "password", subject: username)
    }
}

/// Changes what others see of an account. Faults: `invalid` (displayName, about), `not-found`.
public struct UpdateProfile: AccountCommand {
    public static let typeName = "user.update-profile.v1"
    public typealias Reply = User
    public var user: UserID
    /// Nil leaves it as it is.
    public var displayName: String?
    /// Nil leaves it as it is; an empty one takes it away.
    public var about: String?

    public init(user: UserID, displayName: String? = nil, about: String? = nil) {
        self.user = user
        self.displayName = displayName
        self.about = about
    }
}

/// Replaces a password. Faults: `wrong-credentials`, `weak-password`, `invalid` (currentPassword, newPassword),
/// `not-found`, `busy`.
///
/// The event ``EventName/credentialsChanged`` is confirmed by the broker before the command is answered. A repeat after an
/// unknown outcome is recognised by the new password being the present one; it announces the change again.
public struct ChangePassword: AccountCommand {
    public static let typeName = "user.change-password.v2"
    public typealias Reply = AuthenticatedUser
    public var user: UserID
    /// Bound to ``currentPasswordBinding(user:)``.
    public var currentPassword: SealedPassword
    /// Bound to ``newPasswordBinding(user:)``.
    public var newPassword: SealedPassword
    /// The credential version of the session that asks. If the account's is higher, the password was changed since, and
    /// only a repeat of that change is answered with success.
    public var credentialVersion: Int64

    public init(
        user: UserID, currentPassword: SealedPassword, newPassword: SealedPassword, credentialVersion: Int64
    ) {
        self.user = user
        self.credentialVersion = credentialVersion
        self.currentPassword = currentPassword
        self.newPassword = newPassword
    }

    public static func currentPasswordBinding(user: UserID) -> PasswordBinding {
        PasswordBinding(request: typeName, field: "currentPassword", subject: user.description)
    }

    public static func newPasswordBinding(user: UserID) -> PasswordBinding {
        PasswordBinding(request: typeName, field: "newPassword", subject: user.description)
    }
}

/// Asks for the present credential versions of accounts. The answer leaves out those of version 1, which is nearly
/// everybody, and unknown ones: thousands of sessions are looked up at once when browsers come back. Faults: `invalid` for
/// over ``maximumUsers`` accounts.
public struct ReadCredentialVersions: UsersQuery {
    public static let typeName = "user.credential-versions.v1"
    public typealias Reply = CredentialVersionsResponse
    public static let maximumUsers = 1_000
    public var users: [UserID]

    public init(users: [UserID]) { self.users = users }
}

public struct CredentialVersionsResponse: Codable, Sendable, Hashable {
    /// Versions above 1.
    public var versions: [UserID: Int64]

    public init(versions: [UserID: Int64]) { self.versions = versions }
}

/// Finds accounts by id or by username (without case). Unknown ones are left out of the answer, which is in no
/// particular order. Faults: `invalid` for over 200 keys.
public struct LookUpUsers: UsersQuery {
    public static let typeName = "user.look-up.v1"
    public typealias Reply = UserList
    public var ids: [UserID]
    public var usernames: [String]

    public init(ids: [UserID] = [], usernames: [String] = []) {
        self.ids = ids
        self.usernames = usernames
    }
}

/// Lists accounts by username in the order of their lowercase form. Faults: `invalid` (limit).
public struct ListUsers: UsersQuery {
    public static let typeName = "user.list.v1"
    public typealias Reply = UserList
    /// Only usernames that begin with this, without case; empty for all.
    public var prefix: String
    /// Only usernames after this one, from ``UserList/next``.
    public var after: String?
    /// 1 to ``Limits/maximumPageSize``.
    public var limit: Int

    public init(prefix: String = "", after: String? = nil, limit: Int = Limits.pageSize) {
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }
}

/// Finds accounts of which any part of the username or of the display name is the given text, without case and accents.
///
/// The answer is one page: the account with exactly this username comes first, then those whose username begins with the
/// text in the order of their lowercase form, then the others in an order that stays the same while nothing changes. Who
/// is not among them is found with more of the name. Faults: `invalid` (limit), `unavailable` if it would take too long.
public struct FindUsers: UsersQuery {
    public static let typeName = "user.find.v1"
    public typealias Reply = UserList
    /// Taken as it is, never as a pattern. Without any letter, digit or sign in it nobody is found.
    public var text: String
    /// 1 to ``Limits/maximumPageSize``.
    public var limit: Int

    public init(text: String, limit: Int = Limits.pageSize) {
        self.text = text
        self.limit = limit
    }
}

public struct UserList: Codable, Sendable, Hashable {
    public var users: [User]
    /// What to give as `after` for the next page; nil on the last.
    public var next: String?

    public init(users: [User], next: String? = nil) {
        self.users = users
        self.next = next
    }
}
