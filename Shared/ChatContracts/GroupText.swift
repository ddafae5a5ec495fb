/// The rules for the name and the description of a group. A gateway asks before a text costs the broker anything, and the
/// messages service because commands may come from elsewhere.
public enum GroupText {
    /// What is wrong with a name; nil if a group can have it. White space at its ends counts.
    public static func refusal(ofName name: String) -> Fault? {
        guard name.utf8.count <= Limits.groupNameBytes, (1...Limits.groupNameCharacters).contains(name.count) else {
            return Fault(
                .invalid, "The name of a group has 1 to \(Limits.groupNameCharacters) characters.", field: "name")
        }
        guard !name.unicodeScalars.contains(where: PlainLine.isForbidden) else {
            return Fault(.invalid, "The name of a group is one line, without control characters.", field: "name")
        }
        guard name.unicodeScalars.contains(where: PlainLine.isVisible) else {
            return Fault(.invalid, "The name of a group has something to see in it.", field: "name")
        }
        return nil
    }

    /// What is wrong with a description; nil if a group can have it. It may be empty, and have several lines.
    public static func refusal(ofAbout about: String) -> Fault? {
        guard about.utf8.count <= Limits.groupAboutBytes, about.count <= Limits.groupAboutCharacters else {
            return Fault(
                .invalid, "The description of a group has at most \(Limits.groupAboutCharacters) characters.",
                field: "about")
        }
        guard !about.unicodeScalars.contains(where: { $0 != "\n" && PlainLine.isForbidden($0) }) else {
            return Fault(.invalid, "The description of a group has no control characters.", field: "about")
        }
        return nil
    }
}
