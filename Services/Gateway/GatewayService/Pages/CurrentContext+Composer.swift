import ChatContracts

extension ChatContext.CurrentContext {
    /// What people react with most.
    static let usualReactions = ["👍", "❤️", "😂", "😮", "🙏", "🎉"]

    /// Makes the page's form one for `state`.
    ///
    /// - Parameter history: the messages of the page.
    /// - Returns: why that makes no sense; the form stays one for a new message then.
    mutating func compose(_ state: ComposerState, among history: [Message], _ names: NamesOnPage) -> Problem? {
        guard let seq = state.seq else { return nil }
        let found = history.first { $0.seq == seq }
        if let problem = state.problem(with: found, me: names.me) { return problem }
        compose(state, about: found, names)
        return nil
    }

    /// Shows a refused form again. One that makes no sense any more becomes one for a new message, which keeps the text.
    mutating func compose(_ form: RefusedForm, among history: [Message], _ names: NamesOnPage) {
        // Where no message could be read, nothing says that the form's does not exist.
        if history.isEmpty {
            compose(form.state, about: nil, names)
        } else {
            _ = compose(form.state, among: history, names)
        }
        // Whoever is shown the present text may replace it.
        if composer.isEditing, form.problem.code != .conflict || composer.replaces == nil {
            composer.replaces = form.replaces
        }
    }

    /// - Parameter message: nil if it could not be read.
    private mutating func compose(_ state: ComposerState, about message: Message?, _ names: NamesOnPage) {
        guard let seq = state.seq else { return }
        composer.about = ChatContext.AboutContext(
            aboutSeq: seq,
            answered: message.map { $0.sender == names.me ? "yourself" : PageText(names[$0.sender]) } ?? "somebody",
            aboutText: message.flatMap { $0.isDeleted ? nil : PageText($0.plainText) },
            isAboutGone: message?.isDeleted ?? false, backHref: PageText("\(path.renderText)?at=\(seq)#m\(seq)"))
        composer.isWriting = false
        switch state {
        case .writing, .replying: composer.isWriting = true
        case .editing:
            composer.isEditing = true
            composer.draft = PageText(message?.text ?? "")
            composer.replaces = message?.textRev
        case .deleting:
            composer.isDeleting = true
            // One's own messages can be deleted in any case.
            closedWords = nil
            request = nil
        case .reacting:
            composer.isReacting = true
            composer.choices = ReactionLines(names: names, seq: seq).choices(
                Self.usualReactions, among: message?.reactions ?? [])
        }
    }
}
