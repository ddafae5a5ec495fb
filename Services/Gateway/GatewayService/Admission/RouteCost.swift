/// What a route costs, and so which allowance a request to it takes from. Every route names one where it is declared.
enum RouteLimit: Sendable, Hashable {
    /// A file or a fixed document: cheap, counted by address. Nobody is asked who wants it.
    case asset
    /// Counted by user, or by address if nobody is signed in.
    case ordinary
    /// A live stream: counted like an ordinary request, and never opened for another site.
    case stream
    /// A message: a bucket of its own for each user, whichever way the message comes.
    case send
    /// A change to a message, from the bucket of ``send``. A limit of its own because only sending has a way past the
    /// router.
    case change
    /// Signing in or up. Counted like an ordinary request here; ``SignInLimits`` counts it again when it is known who is
    /// meant.
    case attempt
    /// Changing a password, which costs as much processor time as signing in: a bucket of its own for each user.
    case passwordChange
    /// Changing a group, which may write for each of its members: a bucket of its own for each user.
    case groupChange
}

/// The limit of a route, and whether the route takes a form. When the allowance of a form is used up, its handler still
/// runs as long as there is one for an ordinary page, to show the form again with what was written in it.
struct RouteCost: Sendable, Hashable {
    var limit: RouteLimit
    var isForm = false

    /// Whether the user's requests to it are bounded at the same time. Sends and changes are not, which have a rate of their
    /// own; a form is, because it also asks for what its page shows.
    var countsInFlight: Bool { limit != .send && limit != .change || isForm }
}
