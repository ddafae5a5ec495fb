import ChatContracts

/// What the template of the settings is given.
struct AccountContext: PageContext {
    var title: PageText
    var assets: String
    var me: PersonContext?
    var notice: NoticeContext?
    var look = AppearanceContext()
    var displayName: PageText
    var displayNameError: ProblemContext?
    var about: PageText
    var aboutError: ProblemContext?
    var currentPasswordError: ProblemContext?
    var newPasswordError: ProblemContext?
    /// What is about no single field.
    var error: ProblemContext?
    var saved: SavedContext?
    /// The one of this browser first.
    var sessions: [SessionContext]
    /// "3 sessions".
    var sessionCount: String
    var hasOtherSessions: Bool
    var themes: [ChoiceContext]
    var textSizes: [ChoiceContext]

    struct SessionContext {
        var id: String
        var isCurrent: Bool
        var isPhone: Bool
        var agent: PageText
        var created: MomentContext
        var lastSeen: MomentContext
    }

    /// What was just saved, said on its card.
    struct SavedContext {
        var profileSaved: PageText?
        var sessionsSaved: PageText?
        var passwordSaved: PageText?
        var appearanceSaved: PageText?
    }
}

extension AccountContext.SavedContext {
    /// - Parameter part: What the address of the page names after a form was carried out.
    init?(_ part: String?) {
        switch part {
        case "profile": self.init(profileSaved: "Saved.")
        case "password": self.init(passwordSaved: "Your password was changed, and all other sessions were ended.")
        case "sessions": self.init(sessionsSaved: "Done: what you ended is signed out.")
        case "appearance": self.init(appearanceSaved: "Saved in this browser.")
        default: return nil
        }
    }
}

extension AccountContext.SessionContext {
    init(_ session: Session, current: SessionKey, now: Timestamp) {
        self.init(
            id: session.key.description, isCurrent: session.key == current,
            isPhone: ["iPhone", "Android"].contains { session.agent.hasSuffix($0) }, agent: PageText(session.agent),
            created: MomentContext(session.createdAt, now: now), lastSeen: MomentContext(session.lastSeenAt, now: now))
    }
}
