import ChatContracts

/// What stands for a person where there is no room for a name: initials on one of twelve hues.
struct FaceContext: Equatable {
    var initials: PageText
    /// From 1 to 12; the same for one person on every page and in the script.
    var hue: Int
    var isGroup = false

    init(of user: UserID, named displayName: String) {
        initials = PageText(GatewayService.initials(of: displayName))
        hue = Int(user.low & 0xFFFF) % 12 + 1
    }

    /// A group's has square corners.
    init(ofGroup id: ConversationID, named name: String) {
        initials = PageText(GatewayService.initials(of: name))
        hue = Int(id.low & 0xFFFF) % 12 + 1
        isGroup = true
    }
}

/// One or two letters that stand for a person in small places.
func initials(of displayName: String) -> String {
    let words = displayName.split { !$0.isLetter && !$0.isNumber }
    guard let first = words.first?.first else { return "?" }
    guard words.count > 1, let last = words.last?.first else { return String(first).uppercased() }
    return (String(first) + String(last)).uppercased()
}

extension PersonContext {
    init(_ user: User) {
        self.init(
            id: user.id.description, username: PageText(user.username), displayName: PageText(user.displayName),
            face: FaceContext(of: user.id, named: user.displayName), profileText: user.about.map { PageText($0) })
    }
}
