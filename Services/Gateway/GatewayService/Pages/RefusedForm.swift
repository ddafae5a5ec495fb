import ChatContracts

/// A form of a conversation's page that was refused, with what was written in it.
struct RefusedForm: Sendable {
    var state = ComposerState.writing
    var text: String
    /// Under which a new message is sent, also at the next attempt.
    var id = ClientMessageID.random()
    /// Of an edit: the number of the text that it was about to replace.
    var replaces: Int64?
    var problem: Problem

    /// What the form says: above all, whether it makes sense to press the button again.
    var words: String {
        switch state {
        case .writing, .replying: sendWords
        case .editing, .deleting, .reacting: changeWords
        }
    }

    private var sendWords: String {
        switch problem.code {
        case .unavailable, .busy: "Your message was not sent, because the server is not complete right now. Try again."
        case .outcomeUnknown: "It is not certain that your message was sent. Send it again: it will not appear twice."
        case .tooManyRequests: "Your message was not sent, because you are sending faster than this server allows."
        default: problem.detail
        }
    }

    private var changeWords: String {
        switch problem.code {
        case .unavailable, .busy: "Nothing was changed, because the server is not complete right now. Try again."
        case .outcomeUnknown: "It is not certain that this was done. Do it again: it will not be done twice."
        case .tooManyRequests: "Nothing was changed, because you are sending faster than this server allows."
        case .conflict: "The message was changed meanwhile. It is shown here as it is now; save again to replace that."
        default: problem.detail
        }
    }
}

extension ChatPageContent {
    /// The messages of the page.
    var messages: [Message] {
        if case .success(let shown)? = shown { shown.history.messages } else { [] }
    }
}
