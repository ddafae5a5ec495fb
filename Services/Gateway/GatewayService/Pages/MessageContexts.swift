import ChatContracts

// What the templates are given of messages. Names of properties are names in the templates; nil counts as absent.

extension ChatContext {
    struct MessageContext {
        /// ``folded`` of every message that is.
        static let foldedWords = "Message from somebody you blocked"

        var seq: Int64
        var rev: Int64
        var mine: Bool
        /// Classes for its place in its run, each after a space: " first timed".
        var look: String
        var author: PageText
        /// Who wrote it, in groups, for others' messages. The classes decide where it is seen.
        var speaker: SpeakerContext?
        /// The same as a picture.
        var face: FaceContext?
        /// What a line about a group tells, in words; nil for messages.
        var told: PageText?
        var text: PageText
        /// The text as HTML, if it has formatting.
        var formatted: String?
        var isDeleted: Bool
        /// Why nothing of it is seen at first: its author is blocked. Nil if it is seen.
        var folded: String?
        /// RFC 3339.
        var sentAt: String
        /// "09:05", UTC.
        var time: String
        /// "Today", on the first message of each day.
        var day: String?
        /// "3 new messages", on the first of them.
        var newMessages: String?
        var clientMessageId: String
        /// "Monday, 23 November 2026, 09:05:07 UTC", if the text was changed.
        var editedExact: String?
        var quoted: QuoteContext?
        var hasReactions: Bool
        var reactions: [ReactionContext]
        /// What the reader may do with it.
        var actions: ActionsContext
        /// How far it has come; only of one's own messages.
        var state: StateContext?
    }

    struct SpeakerContext {
        var speakerName: PageText
        /// From 1 to 12, as of a ``FaceContext``.
        var speakerHue: Int
    }

    struct StateContext {
        /// Its name for the script and the styles: "delivered".
        var progress: String
        /// "Delivered", "Read 12:03".
        var words: String
        /// When it was read, exactly, where the words say when.
        var readExact: String?
        /// The name of its icon.
        var icon: String

        /// - Parameter readAt: When it was read, where that is to be seen.
        init(_ progress: MessageProgress, readAt: Timestamp? = nil, now: Timestamp = .now) {
            self.progress = progress.rawValue
            words = progress.words + (readAt.map { " \($0.shortText(now: now))" } ?? "")
            readExact = readAt?.exactText
            icon = progress.icon
        }
    }

    /// What a message answers.
    struct QuoteContext {
        /// Where that message stands.
        var href: PageText
        var quotedAuthor: PageText
        /// Nil if it is deleted.
        var quotedText: PageText?
        var isQuoteGone: Bool
    }

    struct ReactionContext {
        /// The `seq` of the message.
        var reactedTo: Int64
        var emoji: PageText
        /// Nil where people choose.
        var count: Int?
        var isMine: Bool
        /// What the button asks for: "on" or "off".
        var wanted: String
        /// "You, Bob".
        var names: PageText
        /// "👍 2, You and Bob".
        var label: PageText
    }

    struct ActionsContext {
        /// React and reply.
        var canAnswer: Bool
        /// Edit and delete.
        var canChange: Bool
    }
}
