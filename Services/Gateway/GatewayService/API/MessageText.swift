import ChatContracts

/// The rules for the text of a message, checked before it costs the broker anything.
enum MessageText {
    static func check(_ text: String) throws(Problem) {
        guard text.utf8.count <= Limits.messageBytes, text.count <= Limits.messageCharacters else {
            throw .invalid(
                "text",
                "A message may have up to \(Limits.messageCharacters) characters and "
                    + "\(Limits.messageBytes) bytes.")
        }
        guard text.contains(where: { !$0.isWhitespace }) else { throw .invalid("text", "Write something first.") }
    }
}
