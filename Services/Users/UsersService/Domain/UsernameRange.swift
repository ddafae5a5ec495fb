import ChatContracts

/// The usernames that one page of a list is taken from, as bounds on their lowercase form. Bounds and not a pattern: what
/// a client sends is never interpreted, and the index alone serves the query.
struct UsernameRange: Sendable, Equatable {
    enum Lower: Sendable, Equatable {
        case from(String)
        case after(String)
    }

    /// Nil: from the first.
    var lower: Lower?
    /// The first key beyond the range; nil: to the last.
    var upper: String?

    /// Nil if no username can be in it.
    init?(prefix: String, after: String?) {
        guard Username.canBegin(with: prefix) else { return nil }
        let prefix = Username.key(of: prefix)
        let after = after.map(Username.key(of:)) ?? ""
        let upper = Self.successor(of: prefix)
        if let upper, upper.utf8.lexicographicallyPrecedes(after.utf8) || upper == after { return nil }
        self.upper = upper
        if after.utf8.lexicographicallyPrecedes(prefix.utf8) {
            lower = .from(prefix)
        } else {
            lower = after.isEmpty ? nil : .after(after)
        }
    }

    /// The least text that is greater than every text that begins with `prefix`; nil if there is none. The allowed
    /// characters end well below the greatest byte, so the last one always has a next.
    private static func successor(of prefix: String) -> String? {
        var bytes = Array(prefix.utf8)
        guard let last = bytes.popLast() else { return nil }
        return String(decoding: bytes + [last + 1], as: UTF8.self)
    }
}
