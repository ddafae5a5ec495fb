import ChatContracts
import Foundation

/// What a chat page hands to its script: the answers of the API that the page was made of, so that the script begins
/// with them instead of asking again. Whatever could not be looked up is absent, and the script asks for it.
struct PageState: Encodable {
    /// As `GET /api/v1/conversations` answers, but for the user's own account.
    struct List: Encodable {
        var conversations: [Conversation]
        /// By id.
        var users: [String: User]
        var next: String?
    }

    /// As `GET /api/v1/users` answers.
    struct People: Encodable {
        /// What was searched for; empty for everybody.
        var text: String
        var users: [User]
        var next: String?
    }

    /// The conversation that the page shows, with the newest page of its history.
    struct Shown: Encodable {
        var conversation: Conversation
        /// Everybody whom it names, by id.
        var users: [String: User]
        var page: MessagePage
    }

    var list: List?
    var people: People?
    var shown: Shown?

    /// JSON that may stand in a script element as it is: `<` is escaped, so that no text in it can end the element or
    /// begin a comment. Empty if it cannot be encoded.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let data = try? encoder.encode(self) else { return "" }
        // In JSON this character stands only in strings, where the escape means the same.
        var safe: [UInt8] = []
        safe.reserveCapacity(data.count + data.count / 16)
        for byte in data {
            if byte == UInt8(ascii: "<") {
                safe.append(contentsOf: "\\u003c".utf8)
            } else {
                safe.append(byte)
            }
        }
        return String(decoding: safe, as: UTF8.self)
    }
}
