internal import JSON

/// Whom a message of a group calls with an `@` in its text: one member, or everybody.
public struct Mention: Codable, Sendable, Hashable {
    /// Nil for everybody in the group.
    public var user: UserID?
    /// What stands behind the `@`, as the account spells it; ``everybodyName`` for everybody.
    public var name: String

    public init(user: UserID, name: String) {
        self.user = user
        self.name = name
    }

    private init(name: String) { self.name = name }

    /// What calls everybody.
    public static let everybodyName = "all"
    public static let everybody = Mention(name: everybodyName)

    /// Whether a member is called by it.
    public func means(_ member: UserID) -> Bool { user == nil || user == member }

    /// Gateways look up no more names than this.
    static func refusal(of mentions: [Mention]?) -> Fault? {
        mentions?.count ?? 0 <= Limits.mentionedNames + 1
            ? nil : Fault(.invalid, "At most \(Limits.mentionedNames) people can be mentioned.", field: "mentions")
    }
}

extension Mention {
    /// Appends it as JSON, as its `Codable` conformance has it.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{".utf8)
        if let user {
            bytes.append(contentsOf: #""user":""#.utf8)
            user.appendHexadecimal(to: &bytes)
            bytes.append(contentsOf: #"","#.utf8)
        }
        bytes.append(contentsOf: #""name":"#.utf8)
        JSONText.append(name, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }
}

extension Message {
    /// Whether it calls a member. Nobody is called by what they write themselves.
    public func mentions(_ member: UserID) -> Bool {
        sender != member && mentions.contains { $0.means(member) }
    }
}

/// The places of a text where somebody may be called: an `@` that follows no letter, digit or slash, as in addresses, and
/// what may be a username behind it.
public struct MentionPlaces: Sequence {
    public struct Place {
        /// Where the `@` stands.
        public var start: String.Index
        /// What may be meant, the longest first: a point or a dash at the end may belong to the name or to the sentence.
        public var names: [Substring]
    }

    /// The lengths of usernames.
    static let lengths = 3...32

    private let text: String

    public init(_ text: String) { self.text = text }

    public func makeIterator() -> AnyIterator<Place> {
        let bytes = text.utf8
        var next = bytes.startIndex
        var isInAddress = false
        return AnyIterator {
            while next < bytes.endIndex {
                let start = next
                next = bytes.index(after: start)
                let isMark = bytes[start] == UInt8(ascii: "@")
                let isBegun = isMark && !isInAddress
                isInAddress = isMark || bytes[start] == UInt8(ascii: "/") || Self.isLetterOrDigit(bytes[start])
                guard isBegun else { continue }
                let end = bytes[next...].firstIndex { !Self.isPartOfName($0) } ?? bytes.endIndex
                let names = Self.names(in: text[next..<end])
                // "@@ada" and "@ada@example" are addresses of other places.
                if !names.isEmpty, end == bytes.endIndex || bytes[end] != UInt8(ascii: "@") {
                    return Place(start: start, names: names)
                }
            }
            return nil
        }
    }

    private static func names(in run: Substring) -> [Substring] {
        var names: [Substring] = []
        var rest = run
        while rest.utf8.count >= lengths.lowerBound {
            if rest.utf8.count <= lengths.upperBound { names.append(rest) }
            guard let last = rest.utf8.last, isSign(last) else { break }
            rest.removeLast()
        }
        return names
    }

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool { isSign(byte) || isLetterOrDigit(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
