import ChatContracts

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
            initials: PageText(GatewayService.initials(of: user.displayName)))
    }
}
