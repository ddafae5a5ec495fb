import ChatContracts

extension GroupLine {
    /// What the line tells, as a sentence. The script says the same (group-words.js).
    func words(by sender: UserID, _ names: NamesOnPage) -> String {
        let actor = names[sender]
        switch kind {
        case .created: return "\(actor) made the group"
        case .added: return "\(actor) added \(people(names))"
        case .joined: return "\(actor) joined by an invitation"
        case .left: return "\(actor) left"
        case .removed: return "\(actor) removed \(people(names))"
        case .role:
            let word =
                switch role {
                case .owner: "an owner"
                case .admin: "an admin"
                case .member, nil: "a member"
                }
            return "\(actor) made \(people(names)) \(word)"
        case .invited: return "\(actor) made an invitation"
        case .revoked: return "\(actor) withdrew an invitation"
        case .changed:
            if let name { return "\(actor) renamed the group to “\(name)”" }
            if hasAbout { return "\(actor) changed the description" }
            return showsHistory == true
                ? "\(actor) lets new members see earlier messages" : "\(actor) hides earlier messages from new members"
        }
    }

    private func people(_ names: NamesOnPage) -> String {
        let named = users.prefix(3).map { $0 == names.me ? "you" : names[$0] }
        let others = userCount - named.count
        return NamesOnPage.list(named + (others > 0 ? [others == 1 ? "1 other" : "\(others) others"] : []))
    }
}
