// Who may do what with a message. The messages service decides by these rules, and pages offer what they allow.

extension Message {
    /// Why nobody can react to it; nil if its conversation's members can.
    public var reactionRefusal: Fault? {
        guard kind == .message else { return .notEditable }
        return isDeleted ? .deletedMessage : nil
    }

    /// Why a user can neither edit nor delete it, whether it is deleted or not; nil if it is the user's own.
    public func changeRefusal(for user: UserID) -> Fault? {
        guard kind == .message else { return .notEditable }
        return sender == user ? nil : .foreignMessage
    }

    /// Why a user cannot edit it; nil if it is the user's own and not deleted.
    public func editRefusal(for user: UserID) -> Fault? {
        changeRefusal(for: user) ?? (isDeleted ? .deletedMessage : nil)
    }
}

extension Fault {
    /// A command names a message that its conversation does not have.
    public static var unknownMessage: Fault { Fault(.notFound, "There is no such message.", field: "seq") }
    /// A message answers one that its conversation does not have.
    public static var unknownQuote: Fault {
        Fault(.invalid, "The message to answer does not exist.", field: "replyTo")
    }
    fileprivate static var foreignMessage: Fault {
        Fault(.forbidden, "Only the person who wrote a message can change it.", field: "seq")
    }
    fileprivate static var deletedMessage: Fault { Fault(.gone, "The message was deleted.", field: "seq") }
    fileprivate static var notEditable: Fault {
        Fault(.notEditable, "This line is about the conversation and cannot be changed.", field: "seq")
    }

    /// Numbers begin with 1.
    static func refusal(ofPlace seq: Int64) -> Fault? { seq > 0 ? nil : .unknownMessage }
}
