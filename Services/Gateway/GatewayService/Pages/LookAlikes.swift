import ChatContracts
import Foundation

/// Whose display names could be taken for somebody else's: where one of them is shown, the username belongs beside it.
///
/// `names.js` decides in the same way for the script.
struct LookAlikes {
    private let ids: Set<UserID>

    /// - Parameter users: Everybody whose name the page may show, and the one who is looking.
    init(among users: some Sequence<User>) {
        var owners: [String: Set<UserID>] = [:]
        for user in users {
            for name in [user.displayName, user.username] {
                owners[Self.skeleton(of: name), default: []].insert(user.id)
            }
        }
        ids = Set(
            users.lazy.filter { user in
                let skeleton = Self.skeleton(of: user.displayName)
                return !skeleton.isEmpty && owners[skeleton, default: []].count > 1
            }.map(\.id))
    }

    func contains(_ user: UserID) -> Bool { ids.contains(user) }

    /// A name without case, accents and width, as names are searched for.
    static func folded(_ name: String) -> String {
        name.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }

    /// What is the same for names that look the same: letters and digits without case, accents and width, and those of
    /// other alphabets that look like Latin ones as these.
    static func skeleton(of name: String) -> String {
        let plain = name.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars.lazy
            .filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }
            .filter { $0.properties.generalCategory != .nonspacingMark }
            .map { latin[$0] ?? $0 }
        return String(String.UnicodeScalarView(plain))
    }

    private static let latin = [Unicode.Scalar: Unicode.Scalar](
        uniqueKeysWithValues:
            """
            аa вb сc ԁd еe нh һh іi јj кk ӏl мm оo рp ԛq ѕs тt уy хx αa βb εe ζz ηh ιi κk μm νv οo ρp τt υu χx ωw ıi 0o 1l
            """
            .split(separator: " ").map { ($0.unicodeScalars.first!, $0.unicodeScalars.last!) })
}
