extension ChatContext {
    /// The form below a conversation. It is for one thing; which one says the flag that is true.
    struct ComposerContext {
        var isWriting = true
        var isEditing = false
        var isDeleting = false
        var isReacting = false
        /// The message that it is about.
        var about: AboutContext?
        var clientMessageId: String
        var draft: PageText
        /// Of an edit: the number of the text that it replaces.
        var replaces: Int64?
        /// The row of usual reactions.
        var choices: [ReactionContext] = []
    }

    /// A message that a form is about, as the form shows it.
    struct AboutContext {
        var aboutSeq: Int64
        /// Who is answered.
        var answered: PageText
        /// Nil if it is deleted.
        var aboutText: PageText?
        var isAboutGone: Bool
        /// The page without the form's state.
        var backHref: PageText
    }
}
