/// What a route costs, and so which allowance a request to it takes from. Every route names one where it is declared.
enum RouteLimit: Sendable {
    /// A file or a fixed document: cheap, counted by address.
    case asset
    /// Counted by user, or by address if nobody is signed in.
    case ordinary
    /// A message: a bucket of its own for each user, whichever way the message comes.
    case send
    /// Signing in or up. Counted like an ordinary request here; ``SignInLimits`` counts it again when it is known who is
    /// meant.
    case attempt
    /// Changing a password, which costs as much processor time as signing in: a bucket of its own for each user.
    case passwordChange
}
