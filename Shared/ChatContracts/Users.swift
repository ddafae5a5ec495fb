/// An account as everybody may see it. The same shape on the bus and in the API.
public struct User: Codable, Sendable, Hashable {
    public var id: UserID
    /// As its owner wrote it at sign-up; compared without case.
    public var username: String
    public var displayName: String
    public var createdAt: Timestamp

    public init(id: UserID, username: String, displayName: String, createdAt: Timestamp) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.createdAt = createdAt
    }
}

/// Makes an account. Faults: `invalid` (username, displayName), `weak-password`, `username-taken`.
///
/// The id is the caller's choice so that a repeat after an unknown outcome is recognised as the same sign-up.
public struct RegisterUser: ServiceRequest {
    public static let typeName = "user.register.v1"
    public typealias Reply = User
    public var id: UserID
    public var username: String
    /// Shown to others; the username if nil.
    public var displayName: String?
    public var password: String

    public init(id: UserID, username: String, displayName: String?, password: String) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.password = password
    }
}

/// Checks a password. Faults: `wrong-credentials` (the same answer and the same work for an unknown name), `busy`.
public struct SignIn: ServiceRequest {
    public static let typeName = "user.sign-in.v1"
    public typealias Reply = User
    public var username: String
    public var password: String

    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

/// Changes what others see of an account. Faults: `invalid` (displayName), `not-found`.
public struct UpdateProfile: ServiceRequest {
    public static let typeName = "user.update-profile.v1"
    public typealias Reply = User
    public var user: UserID
    public var displayName: String

    public init(user: UserID, displayName: String) {
        self.user = user
        self.displayName = displayName
    }
}

/// Replaces a password. Faults: `wrong-credentials`, `weak-password`, `not-found`, `busy`.
public struct ChangePassword: ServiceRequest {
    public static let typeName = "user.change-password.v1"
    public typealias Reply = User
    public var user: UserID
    public var currentPassword: String
    public var newPassword: String

    public init(user: UserID, currentPassword: String, newPassword: String) {
        self.user = user
        self.currentPassword = currentPassword
        self.newPassword = newPassword
    }
}

/// Finds accounts by id or by username (without case). Unknown ones are left out of the answer, which is in no
/// particular order. Faults: `invalid` for over 200 keys.
public struct LookUpUsers: ServiceRequest {
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
public struct ListUsers: ServiceRequest {
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

public struct UserList: Codable, Sendable, Hashable {
    public var users: [User]
    /// What to give as `after` for the next page; nil on the last.
    public var next: String?

    public init(users: [User], next: String? = nil) {
        self.users = users
        self.next = next
    }
}
