/// The rule for the text of a message. A gateway asks before the text costs the broker anything, and the messages service
/// because commands may come from elsewhere.
public enum MessageText {
    /// What is wrong with a text; nil if it can be sent.
    public static func refusal(of text: String) -> Fault? {
        if text.allSatisfy(\.isWhitespace) { return Fault(.invalid, "Write something first.", field: "text") }
        // Characters are never more than bytes, so the costly count is for long texts only.
        if text.utf8.count > Limits.messageBytes
            || text.utf8.count > Limits.messageCharacters && text.count > Limits.messageCharacters
        {
            return Fault(
                .invalid,
                "A message has at most \(Limits.messageCharacters) characters and \(Limits.messageBytes) bytes.",
                field: "text")
        }
        return nil
    }
}
